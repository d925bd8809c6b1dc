import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { MaskedShop } from '../testing/masked-shop.ts';
import type { SessionNames } from './verdict.ts';

const run = promisify(execFile);

/** What pg_dump of PostgreSQL 15 sends, as the server's own log has it. */
async function dumpStatements(shop: MaskedShop, options: readonly string[]): Promise<readonly string[]> {
  await shop.client.query(`ALTER DATABASE shop SET log_statement = 'all'`);
  await run('pg_dump', [...options, shop.server.dsn('shop')]);
  const { rows } = await shop.client.query<{ home: string }>(
    `SELECT setting AS home FROM pg_settings WHERE name = 'data_directory'`,
  );
  const log = await readFile(join(dirname(rows[0]?.home ?? ''), 'server.log'), 'utf8');
  const [, ...dumped] = log.split('SELECT pg_catalog.set_config(');
  return `SELECT pg_catalog.set_config(${dumped.join('SELECT pg_catalog.set_config(')}`
    .split(/\n(?=\d{4}-\d\d-\d\d )/)
    .flatMap((entry, index) => {
      const logged = /LOG: {2}(?:statement|execute [^:]*): ([\s\S]*)/.exec(entry)?.[1];
      return index === 0
        ? [entry.trim()]
        : logged === undefined
          ? []
          : [logged.replaceAll('\n\t', '\n').trim()];
    });
}

// the tests have one pg_dump, which reads no server that is newer than itself
describe.each([13, 14, 15] as const)('pg_dump through the gate in front of PostgreSQL %i', (major) => {
  test.each([
    ['data', ['--data-only', '-t', 'public.customers']],
    ['table and data', ['-t', 'public.customers', '-t', 'public.orders']],
    ['data as INSERT', ['--data-only', '--inserts', '-t', 'customers']],
  ])('of %s asks nothing that is refused or leaves the elevated tier', async (_, options) => {
    await using shop = await MaskedShop.start(major);
    const statements = await dumpStatements(shop, options);
    expect(statements.length).toBeGreaterThan(30);
    expect(statements.some((sql) => /^(?:COPY|DECLARE|SELECT).*customers/i.test(sql))).toBe(true);
    const names = { searchPath: ['public'] as readonly string[], searchPathTouched: false };
    const prepared = new Map<string, never>();
    for (const sql of statements) {
      const verdict = shop.decide(sql, { ...names, prepared });
      const rule = verdict.kind === 'deny' ? verdict.denial.rule : verdict.taint;
      expect([rule, sql]).toEqual([null, sql]);
      if (verdict.kind === 'deny') continue;
      for (const effect of verdict.statements.flatMap(({ effects }) => effects))
        follow(effect, { names, prepared });
    }
  });
});

type Effect = Extract<
  ReturnType<MaskedShop['decide']>,
  { kind: 'allow' }
>['statements'][number]['effects'][number];

function follow(
  effect: Effect,
  session: {
    readonly names: { searchPath: readonly string[]; searchPathTouched: boolean };
    readonly prepared: Map<string, unknown>;
  },
): void {
  if (effect.kind === 'prepared') session.prepared.set(effect.name, effect);
  if (effect.kind !== 'set-search-path') return;
  const names: Pick<SessionNames, 'searchPath'> = { searchPath: effect.path ?? ['public'] };
  Object.assign(session.names, names, { searchPathTouched: true });
}
