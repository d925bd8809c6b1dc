import { connect, type Socket } from 'node:net';
import { encodeBind } from '@daam/shared/pgwire/bind';
import { encodeClose } from '@daam/shared/pgwire/close';
import { encodeDescribe } from '@daam/shared/pgwire/describe';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { encodeFlush } from '@daam/shared/pgwire/flush';
import { FrameReader } from '@daam/shared/pgwire/frame-reader';
import { backendType } from '@daam/shared/pgwire/message-types';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { decodeReadyForQuery, type TransactionStatus } from '@daam/shared/pgwire/ready-for-query';
import { encodeStartup } from '@daam/shared/pgwire/startup';
import { encodeSync } from '@daam/shared/pgwire/sync';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { type TestRandom, testRandom } from '@daam/shared/testing/random';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from './scripted-session.ts';

let postgres: EmbeddedPostgres;
let server: ScriptedServer;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
  const password = decodeURIComponent(new URL(postgres.superuserDsn).password);
  server = await startScriptedServer({ upstream: { port: postgres.port, password } });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

/** A client that writes whatever it is told and counts the ReadyForQuery that come back. */
class RawClient {
  readonly #socket: Socket;
  readonly #reader = new FrameReader({ side: 'backend', maxFrameBytes: 1_000_000 });
  readonly statuses: TransactionStatus[] = [];
  isClosed = false;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isClosed = true;
    });
    this.#socket.on('data', (chunk) => {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== null; frame = this.#reader.next()) {
        if (frame.type === backendType.readyForQuery) this.statuses.push(decodeReadyForQuery(frame.body));
      }
    });
    const parameters = new Map([
      ['user', 'dev'],
      ['database', 'postgres'],
    ]);
    this.write(encodeStartup({ protocol: { major: 3, minor: 0 }, parameters }));
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.destroy();
  }
}

const texts = [
  'SELECT 1',
  'SELECT 1 -- elevated!',
  'SELECT 1 -- trigger!',
  'SELECT deny!',
  'rewrite!x!SELECT 2',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'SELECT 1/0',
  'nonsense',
  '',
  'COPY (SELECT 1) TO STDOUT',
];
const names = ['', 'a', 'b'];

function message(random: TestRandom): Buffer {
  const name = random.pick(names);
  switch (random.int(9)) {
    case 0:
      return encodeQuery({ sql: random.chance(0.1) ? 'SELECT 1 -- opaque!' : random.pick(texts) });
    case 1:
    case 2:
      return encodeParse({ name, sql: random.pick(texts), parameterTypes: [] });
    case 3:
    case 4: {
      const empty = { parameterFormats: [], parameters: [], resultFormats: [] };
      return encodeBind({ portal: random.pick(names), statement: name, ...empty });
    }
    case 5:
      return encodeExecute({ portal: name, maxRows: random.int(2) });
    case 6:
      return encodeDescribe({ target: random.pick(['statement', 'portal'] as const), name });
    case 7:
      return random.chance(0.5) ? encodeFlush() : encodeSync();
    default:
      return encodeClose({ target: random.pick(['statement', 'portal'] as const), name });
  }
}

/** Sends a conversation and a last Sync; gives the transaction status after it, null when the session was closed. */
async function converse(port: number, bytes: readonly Buffer[]): Promise<TransactionStatus | null> {
  const client = new RawClient(port);
  await expect.poll(() => client.statuses.length, { timeout: 10_000 }).toBe(1);
  // A Query that follows nothing tells, by its own ReadyForQuery, that all before it was answered.
  const isReady = (each: Buffer): boolean => each[0] === 0x51 || each[0] === 0x53;
  for (const each of bytes) client.write(each);
  client.write(encodeSync());
  const most = 2 + bytes.filter(isReady).length;
  let seen = -1;
  const settled = (): boolean => {
    if (client.isClosed || client.statuses.length >= most) return true;
    // Messages that were skipped after an error have no answer of their own: wait until nothing more comes.
    const isQuiet = client.statuses.length > 1 && client.statuses.length === seen;
    seen = client.statuses.length;
    return isQuiet;
  };
  await expect.poll(settled, { timeout: 10_000, interval: 60 }).toBe(true);
  const last = client.isClosed ? null : (client.statuses.at(-1) ?? null);
  client.end();
  return last;
}

describe('conversations at random', () => {
  it('are answered to the end, hang nowhere, and leave the agent serving', async () => {
    const random = testRandom(20_26);
    for (let round = 0; round < 60; round += 1) {
      const bytes = Array.from({ length: 1 + random.int(12) }, () => message(random));
      const status = await converse(server.port, bytes);
      expect({ round, status }).not.toEqual({ round, status: null });
    }
    const client = new Client({ host: '127.0.0.1', port: server.port, user: 'dev', database: 'postgres' });
    await client.connect();
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await client.end();
  });

  it('of random bytes close the connection and leave the agent alive', async () => {
    const random = testRandom(7);
    for (let round = 0; round < 40; round += 1) {
      const client = new RawClient(server.port);
      await expect.poll(() => client.statuses.length, { timeout: 10_000 }).toBe(1);
      client.write(Buffer.from(Array.from({ length: 1 + random.int(200) }, () => random.int(256))));
      client.write(Buffer.from([0, 0, 0, 0, 0, 0]));
      client.end();
    }
    await expect.poll(() => server.sessions.length).toBeGreaterThan(99);
    const client = new Client({ host: '127.0.0.1', port: server.port, user: 'dev', database: 'postgres' });
    await client.connect();
    await client.end();
  });
});
