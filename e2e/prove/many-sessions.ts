/**
 * A thousand clients in one moment, and thousands one after the other: each is served or told why not, no role stays
 * behind, and no table's access list grows.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { type GuardedShop, rowsOf, startGuardedShop } from './guarded/guarded-shop.ts';
import type { Finding, Part, ProveContext } from './part.ts';

const atOnce = { quick: 150, full: 1_000 };
const inTurn = { quick: 60, full: 3_000 };
/** Sessions that are open together while they come one after the other. */
const together = 8;
const maxConnections = 120;
const goneWithinMs = 60_000;

/** How a client may be refused: the server has no place, the agent has none, or the server took too long. */
const clearRefusals: ReadonlySet<string> = new Set(['53300', '08001', '08006', '57P03', '08004']);

export const manySessions: Part = {
  name: 'many-sessions',
  about:
    '1,000 connects at once and 3,000 sessions in turn: served or refused clearly, no roles left, no ACL grown',
  runs: 'major',
  run: async (context) => {
    await using shop = await startGuardedShop({
      major: context.major,
      folder: context.folder,
      maxConnections,
    });
    const size = context.isQuick ? 'quick' : 'full';
    const before = await accessLists(shop);
    const burst = await connectAtOnce(shop, atOnce[size], context);
    const turns = await connectInTurn(shop, inTurn[size]);
    const grown = [...(await accessLists(shop))].filter(([table, list]) => before.get(table) !== list);
    const findings: Finding[] = [
      ...burst,
      ...turns,
      ...grown.map(([table, list]): Finding => ({ kind: 'orphan', name: aclName, what: table, seen: list })),
    ];
    const failed = (name: string): number => findings.filter((finding) => finding.name === name).length;
    return {
      counts: [
        { name: burstName, cases: atOnce[size], failed: failed(burstName) },
        {
          name: aclName,
          cases: inTurn[size],
          failed: failed(aclName),
          note: `${before.size} access lists compared`,
        },
      ],
      findings,
    };
  },
};

const burstName = 'B11 connects at once';
const aclName = 'B11 access lists after sessions';

async function connectAtOnce(shop: GuardedShop, count: number, { log }: ProveContext): Promise<Finding[]> {
  const outcomes = await Promise.all(Array.from({ length: count }, async () => await oneSession(shop.dsn)));
  const tally = new Map<string, number>();
  for (const outcome of outcomes) tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
  log([...tally].map(([outcome, times]) => `${times} × ${outcome}`).join(', '));
  const unclear = [...tally].filter(([outcome]) => outcome !== 'served' && !clearRefusals.has(outcome));
  const findings = unclear.map(
    ([outcome, times]): Finding => ({
      kind: 'broken',
      name: burstName,
      what: `${times} of ${count} connects`,
      seen: outcome,
    }),
  );
  if (!tally.has('served'))
    findings.push({ kind: 'broken', name: burstName, what: 'all connects', seen: 'none was served' });
  const left = await rolesAfter(shop);
  if (left > 0)
    findings.push({
      kind: 'orphan',
      name: burstName,
      what: `after ${count} connects`,
      seen: `${left} roles`,
    });
  return findings;
}

/** `served`, or the SQLSTATE, or what the driver says. */
async function oneSession(connectionString: string): Promise<string> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 120_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ email: string }>('SELECT email FROM customers WHERE id = 1');
    return rows[0]?.email.includes('***') === true ? 'served' : 'wrong answer';
  } catch (thrown) {
    const { code, message } = thrown as { code?: unknown; message?: unknown };
    return typeof code === 'string' ? code : String(message);
  } finally {
    await client.end().catch(() => {});
  }
}

async function connectInTurn(shop: GuardedShop, count: number): Promise<Finding[]> {
  let next = 0;
  const findings: Finding[] = [];
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const outcome = await oneSession(shop.dsn);
      if (outcome !== 'served')
        findings.push({ kind: 'broken', name: aclName, what: `session ${next}`, seen: outcome });
    }
  };
  await Promise.all(Array.from({ length: together }, worker));
  const left = await rolesAfter(shop);
  if (left > 0)
    findings.push({ kind: 'orphan', name: aclName, what: `after ${count} sessions`, seen: `${left} roles` });
  return findings;
}

/** Session roles that are still there a minute after the last session. */
async function rolesAfter({ superuserDsn }: GuardedShop): Promise<number> {
  const deadline = Date.now() + goneWithinMs;
  for (;;) {
    const left = await rowsOf(superuserDsn, `SELECT 1 FROM pg_roles WHERE rolname ~ '^daam_s_'`);
    if (left.length === 0 || Date.now() > deadline) return left.length;
    await delay(200);
  }
}

/** Length and content of every access list of the database: tables, columns, schemas, sequences, the database itself. */
async function accessLists({ superuserDsn }: GuardedShop): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf(
    superuserDsn,
    `SELECT 'relation ' || oid::regclass AS what, relacl::text AS list FROM pg_class WHERE relacl IS NOT NULL
     UNION ALL SELECT 'column ' || attrelid::regclass || '.' || attname, attacl::text FROM pg_attribute WHERE attacl IS NOT NULL
     UNION ALL SELECT 'schema ' || nspname, nspacl::text FROM pg_namespace WHERE nspacl IS NOT NULL AND nspname !~ '^pg_'
     UNION ALL SELECT 'database ' || datname, datacl::text FROM pg_database WHERE datacl IS NOT NULL
     UNION ALL SELECT 'function ' || oid::regprocedure, proacl::text FROM pg_proc WHERE proacl IS NOT NULL`,
  );
  return new Map(rows.map((row) => [String(row['what']), String(row['list'])]));
}
