/**
 * What analysing statements costs: statements that the agent has never seen beside the same ones again, a long INSERT,
 * and what another session notices of it. A statement is new when its shape is: an alias or a number of rows that did
 * not come before.
 */
import { Client } from 'pg';
import type { Target } from './measure.ts';
import { firstPoint, median, quantile, samePoint } from './statistics.ts';

/** Name of a scenario, milliseconds. */
export type AnalysisTimes = readonly (readonly [scenario: string, ms: number])[];

let shapes = 0;

/** A number that no statement of this run has had. */
function newShape(): number {
  shapes += 1;
  return shapes;
}

const point = (shape: number, id: number): string =>
  `select a${shape}.aid, a${shape}.abalance from pgbench_accounts a${shape} where a${shape}.aid = ${id}`;

const join = (shape: number, id: number): string =>
  `select a.aid, a.abalance, b.bbalance, t.tbalance as t${shape} from pgbench_accounts a ` +
  `join pgbench_branches b on b.bid = a.bid left join pgbench_tellers t on t.tid = a.bid ` +
  `where a.aid = ${id} and b.bid > 0 order by a.aid limit 10`;

/** About 45 bytes a row. */
const insert = (rows: number, from: number): string =>
  `insert into bench_notes (id, n, note) values ${Array.from({ length: rows }, (_, row) => `(${from + row}, ${row * 7}, 'a note of some length, number ${row}')`).join(', ')}`;

/** Everything once, through one target. `count` statements of each kind. */
export async function measureAnalysis({ dsn }: Target, count: number): Promise<AnalysisTimes> {
  const [own, other] = [new Client({ connectionString: dsn }), new Client({ connectionString: dsn })];
  await Promise.all([own.connect(), other.connect()]);
  try {
    const rows = (): number => 380 + (newShape() % 40);
    const long = Math.max(10, Math.round(count / 5));
    const known = newShape();
    await own.query(point(known, 1));
    const times: [string, number][] = [
      [firstPoint, await p50(count, (id) => timed(own, point(newShape(), id)))],
      [samePoint, await p50(count, (id) => timed(own, point(known, id)))],
      ['first-time join, p50', await p50(count, (id) => timed(own, join(newShape(), id)))],
    ];
    await own.query('begin');
    times.push(['18 KB INSERT, p50', await p50(long, (id) => timed(own, insert(rows(), id)))]);
    times.push(['the same 18 KB INSERT again, p50', await p50(long, (id) => timed(own, insert(400, id)))]);
    const meanwhile = await besideInserts(own, other, long);
    await own.query('rollback');
    const alone = await p50(count, (id) => timed(other, point(known, id)));
    times.push(['another session alone, p50', alone]);
    times.push(['another session beside long INSERTs, p50', median(meanwhile)]);
    times.push(['another session beside long INSERTs, p99', quantile(meanwhile, 0.99)]);
    return times;
  } finally {
    await Promise.all([own.end(), other.end()]);
  }
}

/** A second session's point selects, while the first sends long INSERTs of ever new shapes. */
async function besideInserts(own: Client, other: Client, count: number): Promise<readonly number[]> {
  const known = newShape();
  const times: number[] = [];
  const progress = { isOver: false };
  const inserts = (async () => {
    for (let id = 0; id < count; id += 1) await own.query(insert(4_000 + (newShape() % 400), id));
    progress.isOver = true;
  })();
  for (let id = 1; !progress.isOver; id += 1) times.push(await timed(other, point(known, id)));
  await inserts;
  return times;
}

async function p50(count: number, once: (id: number) => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let id = 1; id <= count; id += 1) times.push(await once(id));
  return median(times);
}

async function timed(client: Client, sql: string): Promise<number> {
  const started = performance.now();
  await client.query(sql);
  return performance.now() - started;
}
