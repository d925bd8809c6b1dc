/** node-postgres: see ../README.md. */
import { connect as dial } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import Cursor from 'pg-cursor';

type Row = Record<string, unknown>;

const fromEnvironment: ClientConfig = {};

async function connect(config: ClientConfig = fromEnvironment): Promise<Client> {
  const client = new Client(config);
  await client.connect();
  return client;
}

async function sqlstate(running: Promise<unknown>): Promise<string> {
  try {
    await running;
    return '00000';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

const client = await connect();
const first = async (text: string, values?: unknown[]): Promise<Row> => {
  const result = values === undefined ? await client.query<Row>(text) : await client.query<Row>(text, values);
  return result.rows[0] ?? {};
};

const simple = await first('select name, email, ssn, card, salary from customers where id = 1');

let prepared: unknown;
for (let id = 1; id <= 6; id += 1) {
  const query = { name: 'by-id', text: 'select email from customers where id = $1', values: [id] };
  prepared = (await client.query<Row>(query)).rows[0]?.['email'];
}

const binaryClient = await connect({ binary: true } as ClientConfig);
const order = await binaryClient.query<{ id: string; total: string }>(
  'select id, total from orders where id = $1',
  [1],
);
const { id, total } = order.rows[0] ?? { id: '', total: '' };
// The driver misreads binary timestamps (a signed low word), so this one travels as text.
const { placed_at: placedAt } = (await first('select placed_at from orders where id = $1', [1])) as {
  placed_at: Date;
};
const binary = {
  id: Number(id),
  total: Number(total).toFixed(2),
  placed_at: placedAt.toISOString().slice(0, 19),
};
await binaryClient.end();

const equality = Number(
  (await first('select id from customers where email = $1', ['noah.quinn1@example.net']))['id'],
);

await client.query('begin');
await client.query('update customers set note = $1 where id = $2', ['from node', 2]);
const inside = (await first('select note from customers where id = 2'))['note'];
await client.query('rollback');
const after = (await first('select note from customers where id = 2'))['note'];
const transaction = { inside, isGone: after !== 'from node' };

const cursor = client.query(
  new Cursor<Row>('select id, email, phone from customers where id <= $1 order by id', [5000]),
);
let rows = 0;
for (let batch = await cursor.read(700); batch.length > 0; batch = await cursor.read(700))
  rows += batch.length;
await cursor.close();

const error = await sqlstate(client.query('select * from payments'));
const afterError = Number((await first('select 41 + 1 as answer'))['answer']);

// Cancelling needs the key that the server gave at the start; the driver keeps it and dials a second connection.
const sleeping = sqlstate(client.query('select pg_sleep(30)'));
await delay(300);
const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
const request = Buffer.alloc(16);
request.writeInt32BE(16, 0);
request.writeInt32BE(80_877_102, 4);
request.writeInt32BE(processID, 8);
request.writeInt32BE(secretKey, 12);
dial({ host: process.env['PGHOST'] ?? '127.0.0.1', port: Number(process.env['PGPORT']) }).end(request);
const cancel = await sleeping;
await client.end();

const output = { simple, prepared, binary, equality, transaction, cursor: rows, error, afterError, cancel };
process.stdout.write(`${JSON.stringify(output)}\n`);
