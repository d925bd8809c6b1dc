/** `daam explain`: the whole way from the command line through the control plane to the agent and back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { type Outcome, run } from './tools.ts';

const cli = join(import.meta.dirname, '..', '..', 'desktop', 'cli', 'main.ts');

interface Answer {
  readonly user: { readonly email: string };
  readonly explanation: {
    readonly outcome: string;
    readonly denial: { readonly rule: string; readonly hint: string | null } | null;
    readonly rewritten?: string | null;
    readonly epoch: number;
    readonly statements: readonly {
      readonly class: string;
      readonly tier: string | null;
      readonly tables: readonly {
        readonly name: string;
        readonly policies: readonly { policy: string; version: number }[];
      }[];
      readonly columns:
        | readonly {
            readonly name: string;
            readonly kind: string;
            readonly masks: readonly { preset: string }[];
          }[]
        | null;
    }[];
  };
}

describe('daam explain', () => {
  let system: RunningSystem;
  const homes: string[] = [];

  beforeAll(async () => {
    system = await startRunningSystem();
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  });

  async function signedIn(token: string): Promise<(...args: string[]) => Promise<Outcome>> {
    const home = mkdtempSync(join(tmpdir(), 'daam-explain-'));
    homes.push(home);
    const env = { DAAM_HOME: home, DAAM_SECRET_STORE: 'file', DAAM_TOKEN: token };
    const daam = async (...args: string[]): Promise<Outcome> =>
      await run(process.execPath, [cli, ...args], { env });
    const login = await daam('login', '--control-plane', system.ready.controlPlane.url);
    if (login.code !== 0) throw new Error(login.stderr);
    return daam;
  }

  const parse = ({ code, stdout, stderr }: Outcome): Answer => {
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Answer;
  };

  test('tells a developer what their statement would do, and nothing that only administrators see', async () => {
    const daam = await signedIn(system.ready.developer.apiToken);
    const sql = 'select id, email, lower(email) as low, salary from customers where id = 1';
    const { explanation } = parse(await daam('explain', 'shop', sql, '--json'));
    expect(explanation).toMatchObject({ outcome: 'allow', denial: null });
    expect(explanation.rewritten).toBeUndefined();
    const [statement] = explanation.statements;
    expect(statement).toMatchObject({ class: 'rewrite', tier: 'elevated' });
    expect(statement?.tables).toMatchObject([
      { name: 'customers', policies: [{ policy: 'support', version: 1 }] },
    ]);
    expect(
      statement?.columns?.map(({ name, kind, masks }) => [name, kind, masks[0]?.preset ?? null]),
    ).toEqual([
      ['id', 'plain', null],
      ['email', 'masked', 'email'],
      ['low', 'derived', 'email'],
      ['salary', 'masked', 'null'],
    ]);
    const { stdout } = await daam('explain', 'shop', sql);
    expect(stdout).toContain('REWRITE SELECT');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('says the same as the refusal that a client gets', async () => {
    const daam = await signedIn(system.ready.developer.apiToken);
    const { explanation } = parse(await daam('explain', 'shop', 'select * from payments', '--json'));
    const client = new Client({ connectionString: system.ready.developer.local.dsn });
    await client.connect();
    const refusal = await client.query('select * from payments').catch((error: { hint?: string }) => error);
    await client.end();
    expect(explanation).toMatchObject({ outcome: 'deny', denial: { rule: 'default-deny' } });
    expect(explanation.denial?.hint).toBe((refusal as { hint?: string }).hint);
  });

  test('as somebody else is for administrators, who see the rewritten text', async () => {
    const developer = await signedIn(system.ready.developer.apiToken);
    const sql = 'select email from customers';
    const refused = await developer('explain', 'shop', sql, '--as', 'dev@example.com');
    expect([refused.code, refused.stderr.includes('FORBIDDEN')]).toEqual([1, true]);
    const admin = await signedIn(system.ready.admin.apiToken);
    const { explanation, user } = parse(
      await admin('explain', 'shop', sql, '--as', 'dev@example.com', '--json'),
    );
    expect(user.email).toBe('dev@example.com');
    expect(explanation.rewritten).toContain('SELECT');
    const own = await admin('explain', 'shop', sql);
    expect([own.code, own.stderr.includes('NO_POLICY')]).toEqual([1, true]);
  });

  test('runs nothing', async () => {
    const daam = await signedIn(system.ready.developer.apiToken);
    const { explanation } = parse(await daam('explain', 'shop', 'delete from order_items', '--json'));
    expect(explanation.outcome).toBe('allow');
    const client = new Client({ connectionString: system.ready.upstream.dsn });
    await client.connect();
    const { rows } = await client.query<{ n: number }>('select count(*)::int as n from order_items');
    await client.end();
    expect(rows[0]?.n).toBeGreaterThan(0);
  });
});
