/** Policy as code: from the command line through drafts of a document to what a developer sees, and back again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { type Outcome, run } from './tools.ts';

const cli = join(import.meta.dirname, '..', '..', 'desktop', 'cli', 'main.ts');

interface DryRun {
  readonly people: { readonly basis: string; readonly affected: number; readonly summary: readonly string[] };
  readonly statements: {
    readonly counts: Readonly<Record<string, number>>;
    readonly judgedBy: { readonly agent: number };
    readonly withoutAgent: string | null;
    readonly items: readonly { readonly effect: string; readonly text: string; readonly judgedBy: string }[];
  };
}

describe('policy as code', () => {
  let system: RunningSystem;
  let home: string;
  let file: string;

  beforeAll(async () => {
    system = await startRunningSystem();
    home = mkdtempSync(join(tmpdir(), 'daam-policies-'));
    file = join(home, 'shop.yaml');
    const login = await daam('login', '--control-plane', system.ready.controlPlane.url);
    if (login.code !== 0) throw new Error(login.stderr);
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  async function daam(...args: string[]): Promise<Outcome> {
    const env = { DAAM_HOME: home, DAAM_SECRET_STORE: 'file', DAAM_TOKEN: system.ready.admin.apiToken };
    return await run(process.execPath, [cli, ...args], { env });
  }

  async function asDeveloper(sql: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: system.ready.developer.local.dsn });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** The document in force with a change, in the file. */
  function change(was: string | RegExp, is: string): void {
    const text = readFileSync(file, 'utf8');
    const changed = text.replace(was, is);
    expect(changed).not.toBe(text);
    writeFileSync(file, changed);
  }

  test('a document that was exported is no difference', async () => {
    expect(await daam('policy', 'export', 'shop', '-o', file)).toMatchObject({ code: 0 });
    const { code, stdout } = await daam('policy', 'diff', '-f', file);
    expect([code, stdout.trim()]).toEqual([0, 'No difference in rights.']);
  });

  test('a dry run has the agent judge what was recorded, and changes nothing', async () => {
    const [row] = await asDeveloper('select name from customers order by id limit 1');
    await asDeveloper('select count(*) from orders');
    change('masks:\n', 'masks:\n      - { column: public.customers.name, preset: redact } # by a test\n');
    expect((await daam('policy', 'diff', '-f', file)).code).toBe(2);
    let result: DryRun | null = null;
    // The agent ships its records a moment after it wrote them.
    for (let look = 0; look < 20 && (result?.statements.counts['masked'] ?? 0) === 0; look += 1) {
      const { code, stdout, stderr } = await daam(
        'policy',
        'apply',
        '-f',
        file,
        '--dry-run',
        '--statements',
        '1',
        '--json',
      );
      expect([code, stderr]).toEqual([2, '']);
      result = JSON.parse(stdout) as DryRun;
    }
    expect(result?.people).toMatchObject({ basis: 'schema' });
    expect(result?.people.summary.join('\n')).toMatch(
      /lose name of public\.customers \(now masked as redact\)/,
    );
    expect(result?.statements).toMatchObject({ withoutAgent: null });
    expect(result?.statements.items[0]).toMatchObject({ effect: 'masked', judgedBy: 'agent' });
    expect(result?.statements.items[0]?.text).toContain('select name from customers');
    expect(await asDeveloper('select name from customers order by id limit 1')).toEqual([row]);
  });

  test('what is applied holds at once, says why, and is taken back by restoring', async () => {
    const [before] = await asDeveloper('select name from customers order by id limit 1');
    const applied = await daam('policy', 'apply', '-f', file, '-m', 'no names', '--json');
    expect([applied.code, applied.stderr]).toEqual([0, '']);
    const { revision } = JSON.parse(applied.stdout) as { revision: number };
    await expect
      .poll(() => asDeveloper('select name from customers order by id limit 1'), { timeout: 10_000 })
      .toEqual([{ name: '***' }]);
    const why = await daam(
      'policy',
      'why',
      'shop',
      'public.customers.name',
      '--user',
      system.ready.developer.email,
    );
    expect(why.stdout).toMatch(/shown as its mask redact/);
    const history = await daam('policy', 'history', 'shop');
    expect(history.stdout).toContain('no names');
    const stale = await daam('policy', 'apply', '-f', file, '--expect', String(revision - 1), '--json');
    expect(stale.code).toBe(1);
    expect(stale.stderr).toContain('CONFLICT');
    expect((await daam('policy', 'restore', 'shop', String(revision - 1))).code).toBe(0);
    await expect
      .poll(() => asDeveloper('select name from customers order by id limit 1'), { timeout: 10_000 })
      .toEqual([before]);
  });
});
