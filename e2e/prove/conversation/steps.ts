/** Random conversations: what a client may send, for the agent and for a server that stands alone beside it. */
import { encodeBind } from '@daam/shared/pgwire/bind';
import { encodeClose } from '@daam/shared/pgwire/close';
import { encodeCopyData } from '@daam/shared/pgwire/copy-data';
import { encodeCopyDone } from '@daam/shared/pgwire/copy-done';
import { encodeCopyFail } from '@daam/shared/pgwire/copy-fail';
import { encodeDescribe } from '@daam/shared/pgwire/describe';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { encodeFlush } from '@daam/shared/pgwire/flush';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { encodeSync } from '@daam/shared/pgwire/sync';
import type { TestRandom } from '@daam/shared/testing/random';
import type { Sent } from './model.ts';

/** One message. Where the agent refuses what the server would run, the server gets a text that fails in the same place. */
export interface Step {
  /** For people: `Parse a "SELECT 1"`. */
  readonly label: string;
  readonly agent: Buffer;
  readonly server: Buffer;
  readonly sent: Sent;
}

interface Text {
  readonly sql: string;
  /** The gate refuses it: the server is sent `nonsense` instead. */
  readonly isRefused?: true;
  /** How many parameters it takes; all of type int4. */
  readonly parameters?: number;
  readonly isSimpleOnly?: true;
}

const nonsense = 'refused by policy';

const texts: readonly Text[] = [
  { sql: 'SELECT 1' },
  { sql: 'SELECT 1 AS one, NULL AS nothing' },
  { sql: '' },
  { sql: '-- nothing\n' },
  { sql: 'SELECT generate_series(1, 7)' },
  { sql: 'SELECT $1::int4 + 1', parameters: 1 },
  { sql: 'SELECT id, name FROM customers WHERE id = $1', parameters: 1 },
  { sql: 'SELECT id, name, email FROM customers WHERE id <= 9 ORDER BY id' },
  { sql: 'SELECT count(*), max(salary) FROM customers WHERE id < $1 AND ssn IS NOT NULL', parameters: 1 },
  { sql: 'SELECT email FROM customers WHERE id = $1 AND region <> $2::text', parameters: 2 },
  { sql: 'SELECT 1/0' },
  { sql: 'SELECT nothing_here FROM customers' },
  { sql: 'nonsense' },
  { sql: 'BEGIN' },
  { sql: 'BEGIN' },
  { sql: 'COMMIT' },
  { sql: 'ROLLBACK' },
  { sql: 'SAVEPOINT s' },
  { sql: 'ROLLBACK TO s' },
  { sql: 'RELEASE s' },
  { sql: `UPDATE orders SET status = 'paid' WHERE id = $1`, parameters: 1 },
  { sql: 'UPDATE orders SET status = status WHERE id <= 3 RETURNING id, status' },
  { sql: `UPDATE orders SET status = 'nowhere' WHERE id = 1` },
  { sql: `INSERT INTO order_items VALUES (1, 99, 1, 1, 1.00) ON CONFLICT DO NOTHING` },
  { sql: 'DELETE FROM order_items WHERE order_id = 1 AND line = 99' },
  { sql: 'DECLARE c CURSOR FOR SELECT id, email FROM customers ORDER BY id' },
  { sql: 'FETCH 2 FROM c' },
  { sql: 'MOVE 1 IN c' },
  { sql: 'CLOSE c' },
  { sql: 'PREPARE named AS SELECT id FROM orders WHERE id = 1', isSimpleOnly: true },
  { sql: 'EXECUTE named', isSimpleOnly: true },
  { sql: 'DEALLOCATE named', isSimpleOnly: true },
  { sql: 'DEALLOCATE ALL', isSimpleOnly: true },
  { sql: 'SHOW standard_conforming_strings' },
  { sql: `SET application_name = 'fuzz'` },
  { sql: 'SET LOCAL statement_timeout = 0' },
  { sql: 'CREATE TEMP TABLE IF NOT EXISTS scratch (a int, b text)' },
  { sql: `INSERT INTO scratch VALUES (1, 'x')` },
  { sql: 'SELECT * FROM scratch' },
  { sql: 'SELECT 1; SELECT 2', isSimpleOnly: true },
  { sql: 'BEGIN; SELECT 1; SELECT 1/0; SELECT 2', isSimpleOnly: true },
  { sql: 'SELECT 1; COMMIT; SELECT id FROM orders WHERE id = 2', isSimpleOnly: true },
  { sql: 'COPY (SELECT id, name FROM customers WHERE id <= 4 ORDER BY id) TO STDOUT' },
  { sql: 'COPY (SELECT id, email FROM customers WHERE id <= 4 ORDER BY id) TO STDOUT (FORMAT binary)' },
  { sql: 'COPY order_items FROM STDIN' },
  { sql: 'COPY order_items FROM STDIN (FORMAT csv)' },
  { sql: 'SELECT * FROM payments', isRefused: true },
  { sql: 'SELECT pg_read_file($$/etc/passwd$$)', isRefused: true },
  { sql: 'COPY customers TO PROGRAM $$cat$$', isRefused: true },
  { sql: 'SET ROLE postgres', isRefused: true },
  { sql: 'CREATE ROLE nobody_else', isRefused: true },
  { sql: 'LISTEN channel' },
  { sql: 'UNLISTEN *' },
];

const extended = texts.filter(({ isSimpleOnly }) => isSimpleOnly !== true);
const statementNames = ['', '', 'a', 'b', 'Ä'];
const portalNames = ['', '', 'p', 'q'];
const copyLines = ['1\t98\t1\t1\t1.00\n', '1,97,1,1,1.00\n', 'not a row\n', '', '\\.\n'];

const quoted = (text: string): string => JSON.stringify(text);
const same = (sent: Sent, label: string, bytes: Buffer): Step => ({
  sent,
  label,
  agent: bytes,
  server: bytes,
});

/** A conversation of so many messages. It keeps in mind what Parse it sent under a name, so that most Binds fit. */
export function conversation(random: TestRandom, length: number): readonly Step[] {
  const steps: Step[] = [];
  const parsed = new Map<string, Text>();
  while (steps.length < length) steps.push(...next(random, parsed));
  return steps;
}

function next(random: TestRandom, parsed: Map<string, Text>): readonly Step[] {
  switch (random.int(16)) {
    case 0:
    case 1:
    case 2:
      return [query(random.pick(texts))];
    case 3:
    case 4:
      return [parse(random, parsed)];
    case 5:
    case 6:
      return [bind(random, parsed)];
    case 7:
    case 8:
      return [execute(random)];
    case 9:
      return [describe(random)];
    case 10:
      return [close(random)];
    case 11:
      return [same('flush', 'Flush', encodeFlush())];
    case 12:
      return [same('sync', 'Sync', encodeSync())];
    case 13:
      return wholeStatement(random, parsed);
    case 14:
      return copyIn(random);
    default:
      return random.chance(0.3) ? [copyPiece(random)] : wholeStatement(random, parsed);
  }
}

function query({ sql, isRefused }: Text): Step {
  const server = encodeQuery({ sql: isRefused === true ? nonsense : sql });
  return { label: `Query ${quoted(sql)}`, agent: encodeQuery({ sql }), server, sent: 'query' };
}

function parse(random: TestRandom, parsed: Map<string, Text>): Step {
  const name = random.pick(statementNames);
  const text = random.pick(extended);
  const { sql, isRefused } = text;
  if (name === '' || !parsed.has(name)) parsed.set(name, text);
  const of = (shown: string): Buffer => encodeParse({ name, sql: shown, parameterTypes: [] });
  return {
    label: `Parse ${quoted(name)} ${quoted(sql)}`,
    agent: of(sql),
    server: of(isRefused === true ? nonsense : sql),
    sent: 'parse',
  };
}

function bind(random: TestRandom, parsed: ReadonlyMap<string, Text>, wanted?: string): Step {
  const statement = wanted ?? random.pick(statementNames);
  const portal = random.pick(portalNames);
  const count = (parsed.get(statement)?.parameters ?? 0) + (random.chance(0.05) ? 1 : 0);
  const parameters = Array.from({ length: count }, () => Buffer.from(String(1 + random.int(5))));
  const resultFormats = random.chance(0.2) ? [1] : [];
  const bytes = encodeBind({ portal, statement, parameterFormats: [], parameters, resultFormats });
  return same('bind', `Bind ${quoted(portal)} to ${quoted(statement)}, ${count} parameters`, bytes);
}

function execute(random: TestRandom): Step {
  const portal = random.pick(portalNames);
  const maxRows = random.pick([0, 0, 1, 2, 5]);
  return same('execute', `Execute ${quoted(portal)}, ${maxRows} rows`, encodeExecute({ portal, maxRows }));
}

function describe(random: TestRandom): Step {
  const target = random.pick(['statement', 'portal'] as const);
  const name = random.pick(target === 'statement' ? statementNames : portalNames);
  return same(`describe-${target}`, `Describe ${target} ${quoted(name)}`, encodeDescribe({ target, name }));
}

function close(random: TestRandom): Step {
  const target = random.pick(['statement', 'portal'] as const);
  const name = random.pick(target === 'statement' ? statementNames : portalNames);
  return same('close', `Close ${target} ${quoted(name)}`, encodeClose({ target, name }));
}

/** As drivers do it: all in one go. */
function wholeStatement(random: TestRandom, parsed: Map<string, Text>): readonly Step[] {
  const first = parse(random, parsed);
  const name = (JSON.parse(/^Parse ("(?:[^"\\]|\\.)*")/.exec(first.label)?.[1] ?? '""') as string) ?? '';
  const bound = bind(random, parsed, name);
  const portal = JSON.parse(/^Bind ("[^"]*")/.exec(bound.label)?.[1] ?? '""') as string;
  const steps = [first, bound];
  if (random.chance(0.5))
    steps.push(
      same(
        'describe-portal',
        `Describe portal ${quoted(portal)}`,
        encodeDescribe({ target: 'portal', name: portal }),
      ),
    );
  const limit = random.pick([0, 0, 2]);
  steps.push(
    same('execute', `Execute ${quoted(portal)}, ${limit} rows`, encodeExecute({ portal, maxRows: limit })),
  );
  if (limit > 0)
    steps.push(same('execute', `Execute ${quoted(portal)}, 0 rows`, encodeExecute({ portal, maxRows: 0 })));
  if (random.chance(0.7)) steps.push(same('sync', 'Sync', encodeSync()));
  return steps;
}

function copyPiece(random: TestRandom): Step {
  switch (random.int(3)) {
    case 0:
      return same('copy-end', 'CopyDone', encodeCopyDone());
    case 1:
      return same('copy-end', 'CopyFail', encodeCopyFail({ reason: 'changed my mind' }));
    default: {
      const line = random.pick(copyLines);
      return same('copy-data', `CopyData ${quoted(line)}`, encodeCopyData(Buffer.from(line)));
    }
  }
}

/** COPY FROM STDIN with its data behind it, well-formed more often than not. */
function copyIn(random: TestRandom): readonly Step[] {
  const text = { sql: 'COPY order_items FROM STDIN' };
  const lines = Array.from({ length: random.int(3) }, () => {
    const line = random.chance(0.8) ? '1\t98\t1\t1\t1.00\n' : random.pick(copyLines);
    return same('copy-data', `CopyData ${quoted(line)}`, encodeCopyData(Buffer.from(line)));
  });
  const ending = random.chance(0.8)
    ? same('copy-end', 'CopyDone', encodeCopyDone())
    : same('copy-end', 'CopyFail', encodeCopyFail({ reason: 'changed my mind' }));
  return [query(text), ...lines, ending];
}
