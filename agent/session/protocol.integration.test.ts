import { connect, type Socket } from 'node:net';
import { decodeBackendKeyData } from '@daam/shared/pgwire/backend-key-data';
import { encodeCancelRequest } from '@daam/shared/pgwire/cancel-request';
import { FrameReader } from '@daam/shared/pgwire/frame-reader';
import { backendType } from '@daam/shared/pgwire/message-types';
import { decodeNegotiateProtocolVersion } from '@daam/shared/pgwire/negotiate-protocol-version';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { encodeStartup } from '@daam/shared/pgwire/startup';
import { decodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ScriptedServer, startScriptedServer } from './scripted-session.ts';

let postgres: EmbeddedPostgres;
let server: ScriptedServer;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
  const password = decodeURIComponent(new URL(postgres.superuserDsn).password);
  server = await startScriptedServer({ upstream: { port: postgres.port, password } });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await postgres?.[Symbol.asyncDispose]();
});

interface Frame {
  readonly type: number;
  readonly body: Buffer;
}

/** A client of the protocol's own words. */
class RawClient implements Disposable {
  readonly socket: Socket;
  readonly frames: Frame[] = [];

  constructor(parameters: Readonly<Record<string, string>>, minor: number) {
    const reader = new FrameReader({ side: 'backend', maxFrameBytes: 1_000_000 });
    this.socket = connect(server.port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== null; frame = reader.next())
        this.frames.push({ type: frame.type, body: Buffer.from(frame.body) });
    });
    this.socket.write(
      encodeStartup({
        protocol: { major: 3, minor },
        parameters: new Map(Object.entries({ user: 'dev', database: 'postgres', ...parameters })),
      }),
    );
  }

  async until(type: number): Promise<Frame> {
    await vi.waitUntil(() => this.frames.some((frame) => frame.type === type), { timeout: 10_000 });
    const at = this.frames.findIndex((frame) => frame.type === type);
    return this.frames.splice(0, at + 1)[at] as Frame;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

describe('the version of the protocol', () => {
  it.each([
    [0, {}, null],
    [2, {}, null],
    [9_999, {}, { minor: 2, unrecognized: [] }],
    [0, { '_pq_.compression': 'on' }, { minor: 0, unrecognized: ['_pq_.compression'] }],
    [2, { '_pq_.a': '1', '_pq_.b': '2' }, { minor: 2, unrecognized: ['_pq_.a', '_pq_.b'] }],
  ] as const)(
    '3.%i with options %j is negotiated down to what the agent speaks',
    async (minor, options, expected) => {
      using client = new RawClient(options, minor);
      const key = await client.until(backendType.backendKeyData).then(async (frame) => {
        await client.until(backendType.readyForQuery);
        return decodeBackendKeyData(frame.body);
      });
      expect(key.secret).toHaveLength(minor >= 2 ? 32 : 4);
      client.socket.write(encodeQuery({ sql: 'SELECT 1' }));
      await client.until(backendType.commandComplete);
      using again = new RawClient(options, minor);
      await expect.poll(() => again.frames.length).toBeGreaterThan(0);
      expect(negotiated(again.frames[0])).toEqual(expected);
    },
  );
});

/** What the first message of the agent negotiates; null when it is no negotiation. */
function negotiated(first: Frame | undefined) {
  if (first?.type !== backendType.negotiateProtocolVersion) return null;
  const { protocol, unrecognized } = decodeNegotiateProtocolVersion(first.body);
  return { minor: protocol.minor, unrecognized };
}

describe('a cancel key of 32 bytes', () => {
  it('cancels its own session, and no longer or shorter one does', async () => {
    using client = new RawClient({}, 2);
    const { pid, secret } = decodeBackendKeyData((await client.until(backendType.backendKeyData)).body);
    await client.until(backendType.readyForQuery);
    client.socket.write(encodeQuery({ sql: 'SELECT pg_sleep(60)' }));
    await expect.poll(() => server.events.includes('allow SELECT pg_sleep(60)')).toBe(true);
    const padded = Buffer.concat([secret, Buffer.alloc(224)]);
    expect(padded).toHaveLength(256);
    for (const key of [padded, secret.subarray(0, 4), Buffer.alloc(256, 7)]) await cancel(pid, key);
    expect(client.frames).toHaveLength(0);
    await expect
      .poll(async () => {
        await cancel(pid, secret);
        return client.frames.length > 0;
      })
      .toBe(true);
    expect(decodeErrorResponse((await client.until(backendType.errorResponse)).body).code).toBe('57014');
  });
});

async function cancel(pid: number, secret: Buffer): Promise<void> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end(encodeCancelRequest({ pid, secret }));
  await new Promise((resolve) => socket.on('close', resolve).resume());
}

describe('LISTEN and NOTIFY', () => {
  it('are delivered to an idle client, to one in a transaction when it ends, and not after UNLISTEN', async () => {
    const [listener, speaker] = await Promise.all([dial(), dial()]);
    const heard: string[] = [];
    listener.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload}`));
    await listener.query('LISTEN news');
    await speaker.query("NOTIFY news, 'first'");
    await expect.poll(() => heard).toEqual(['news first']);
    await listener.query('BEGIN');
    await speaker.query({ text: "SELECT pg_notify('news', $1)", values: ['second'] });
    await listener.query('COMMIT');
    await expect.poll(() => heard).toEqual(['news first', 'news second']);
    await listener.query('UNLISTEN *');
    await speaker.query("NOTIFY news, 'third'");
    await listener.query('SELECT 1');
    expect(heard).toHaveLength(2);
    await Promise.all([listener.end(), speaker.end()]);
  });
});

async function dial(): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port: server.port, user: 'dev', database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
