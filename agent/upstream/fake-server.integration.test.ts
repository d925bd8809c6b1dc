import { Secret } from '@daam/shared/base/secret';
import { encodeAuthentication } from '@daam/shared/pgwire/authentication';
import { encodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { encodeNegotiateProtocolVersion } from '@daam/shared/pgwire/negotiate-protocol-version';
import { encodeNoticeResponse } from '@daam/shared/pgwire/notice-response';
import { encodeParameterStatus } from '@daam/shared/pgwire/parameter-status';
import { encodeReadyForQuery } from '@daam/shared/pgwire/ready-for-query';
import { decodeStartupPacket } from '@daam/shared/pgwire/startup-packet';
import { message } from '@daam/shared/testing/byte-builder';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import {
  type FakePeer,
  type FakePostgresOptions,
  startFakePostgres,
} from '@daam/shared/testing/fake-postgres';
import {
  authenticateScram,
  type FakeScram,
  greeting,
  type ScramOutcome,
} from '@daam/shared/testing/fake-postgres-greeting';
import { selfSignedCertificate } from '@daam/shared/testing/self-signed-certificate';
import { describe, expect, it } from 'vitest';
import { sendCancel } from './cancel.ts';
import { connectUpstream, type UpstreamConnection, type UpstreamOptions } from './connect.ts';

const ok = encodeAuthentication({ kind: 'ok' });
const certificate = selfSignedCertificate('localhost');

/** Connects to a server that plays `serve`, and gives what came of it. */
async function connectTo(
  server: FakePostgresOptions,
  overrides: Partial<UpstreamOptions> = {},
): Promise<{ code: string | null; connection: UpstreamConnection | null; failures: readonly unknown[] }> {
  await using fake = await startFakePostgres(server);
  const attempt = connectUpstream({
    host: fake.host,
    port: fake.port,
    tls: 'disable',
    user: 'dev',
    password: new Secret('correct'),
    database: 'shop',
    parameters: {},
    signal: new AbortController().signal,
    timeoutMs: 5_000,
    ...overrides,
  });
  const code = await codeOfAsync(attempt);
  const connection = code === null ? await attempt : null;
  connection?.socket.destroy();
  return { code, connection, failures: fake.failures };
}

/** A server that waits for the start-up packet and then says these bytes, whatever the client does. */
const saying = (...messages: readonly Buffer[]): FakePostgresOptions => ({
  serve: async (peer) => {
    await peer.startup();
    peer.send(...messages);
    await peer.next();
  },
});

function scramServer(scram: FakeScram, outcomes: ScramOutcome[] = []) {
  return async (peer: FakePeer): Promise<void> => {
    await peer.startup();
    outcomes.push(await authenticateScram(peer, scram));
    peer.send(greeting());
    await peer.next();
  };
}

describe('connectUpstream', () => {
  it('sends user, database and the given parameters, and nothing else', async () => {
    const seen: unknown[] = [];
    const serve = async (peer: FakePeer): Promise<void> => {
      const packet = decodeStartupPacket(await peer.startup());
      if (packet.kind === 'startup') seen.push([...packet.startup.parameters], packet.startup.protocol);
      peer.send(greeting());
      await peer.next();
    };
    const { code } = await connectTo({ serve }, { parameters: { application_name: 'x' } });
    expect(code).toBeNull();
    expect(seen).toEqual([
      [
        ['user', 'dev'],
        ['database', 'shop'],
        ['application_name', 'x'],
      ],
      { major: 3, minor: 2 },
    ]);
  });

  it.each(['user', 'database', 'replication'])('does not let a parameter set %s', async (name) => {
    expect((await connectTo(saying(greeting()), { parameters: { [name]: 'x' } })).code).toBe('INVALID_INPUT');
  });

  it('hands over what came behind the first ReadyForQuery', async () => {
    const late = encodeNoticeResponse({ severity: 'NOTICE', code: '00000', message: 'late' });
    const { connection } = await connectTo(saying(Buffer.concat([greeting(), late.subarray(0, 9)])));
    expect(connection?.leftover).toEqual(late.subarray(0, 9));
  });

  it('keeps a cancel key of 256 bytes and reports a server that asked for no proof', async () => {
    const { connection } = await connectTo(saying(greeting(Buffer.alloc(256, 5))));
    expect(connection?.key).toEqual({ pid: 4_242, secret: Buffer.alloc(256, 5) });
    expect(connection?.authentication).toBe('none');
  });

  it('accepts an older protocol and refuses one that it did not ask for', async () => {
    const older = encodeNegotiateProtocolVersion({ protocol: { major: 3, minor: 0 }, unrecognized: [] });
    expect((await connectTo(saying(older, greeting()))).connection?.protocol.minor).toBe(0);
    const newer = encodeNegotiateProtocolVersion({ protocol: { major: 3, minor: 3 }, unrecognized: [] });
    expect((await connectTo(saying(newer, greeting()))).code).toBe('PROTOCOL_VIOLATION');
    const strange = encodeNegotiateProtocolVersion({
      protocol: { major: 3, minor: 0 },
      unrecognized: ['_pq_.x'],
    });
    expect((await connectTo(saying(strange, greeting()))).code).toBe('PROTOCOL_VIOLATION');
    expect((await connectTo(saying(older, older, greeting()))).code).toBe('PROTOCOL_VIOLATION');
  });

  it.each([
    ['28P01', 'UPSTREAM_AUTH_FAILED'],
    ['28000', 'UPSTREAM_AUTH_FAILED'],
    ['53300', 'TOO_MANY_SESSIONS'],
    ['3D000', 'UPSTREAM_UNAVAILABLE'],
    ['57P03', 'UPSTREAM_UNAVAILABLE'],
  ])('turns the SQLSTATE %s into %s', async (sqlstate, code) => {
    const error = encodeErrorResponse({ severity: 'FATAL', code: sqlstate, message: 'no' });
    expect((await connectTo(saying(error))).code).toBe(code);
  });

  it('cancels when the caller gives up, and gives up itself when time is over', async () => {
    const silent: FakePostgresOptions = {
      serve: async (peer) => {
        await peer.startup();
        await peer.next();
      },
    };
    expect((await connectTo(silent, { timeoutMs: 50 })).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await connectTo(silent, { signal: AbortSignal.timeout(50) })).code).toBe('CANCELLED');
    expect((await connectTo(silent, { signal: AbortSignal.abort() })).code).toBe('CANCELLED');
    expect((await connectTo(silent, { tls: 'prefer', timeoutMs: 50 })).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('fails when nobody listens or the server hangs up', async () => {
    expect((await connectTo(saying(), { port: 1 })).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await connectTo({ serve: async () => {} })).code).toBe('UPSTREAM_UNAVAILABLE');
  });
});

describe('connectUpstream to a server that breaks the rules', () => {
  it.each([
    ['a message of an unknown type', message('!'), 'PROTOCOL_VIOLATION'],
    ['a negative length', message('R', Buffer.alloc(0), -1), 'PROTOCOL_VIOLATION'],
    ['a frame without end', message('N', Buffer.alloc(0), 0x7fff_ffff), 'FRAME_TOO_LARGE'],
    ['a notice of 64 KiB', message('N', Buffer.alloc(0), 65_536), 'FRAME_TOO_LARGE'],
    ['ReadyForQuery before authentication', encodeReadyForQuery('idle'), 'PROTOCOL_VIOLATION'],
    [
      'a setting before authentication',
      encodeParameterStatus({ name: 'a', value: 'b' }),
      'PROTOCOL_VIOLATION',
    ],
    ['no cancel key', Buffer.concat([ok, encodeReadyForQuery('idle')]), 'PROTOCOL_VIOLATION'],
    [
      'a transaction that is open already',
      Buffer.concat([ok, encodeReadyForQuery('transaction')]),
      'PROTOCOL_VIOLATION',
    ],
    ['two greetings', Buffer.concat([ok, ok]), 'UPSTREAM_AUTH_FAILED'],
  ])('refuses %s', async (_what, bytes, code) => {
    expect((await connectTo(saying(bytes))).code).toBe(code);
  });

  it('refuses settings and notices without end', async () => {
    const endless = Array.from({ length: 600 }, (_, i) =>
      encodeParameterStatus({ name: `p${i}`, value: 'x' }),
    );
    expect((await connectTo(saying(ok, ...endless))).code).toBe('PROTOCOL_VIOLATION');
    const notice = encodeNoticeResponse({ severity: 'NOTICE', code: '00000', message: 'x' });
    const notices = Array.from({ length: 600 }, () => notice);
    expect((await connectTo(saying(...notices))).code).toBe('PROTOCOL_VIOLATION');
  });

  it.each([
    { kind: 'cleartext-password' },
    { kind: 'md5-password', salt: Buffer.alloc(4) },
    { kind: 'gss' },
    { kind: 'sspi' },
    { kind: 'sasl-continue', data: Buffer.alloc(0) },
    { kind: 'sasl-final', data: Buffer.alloc(0) },
    { kind: 'sasl', mechanisms: ['OAUTHBEARER'] },
    { kind: 'sasl', mechanisms: ['SCRAM-SHA-256-PLUS'] },
    { kind: 'sasl', mechanisms: [] },
  ] as const)('gives no password to a server that asks for $kind', async (request) => {
    expect((await connectTo(saying(encodeAuthentication(request)))).code).toBe('UPSTREAM_AUTH_FAILED');
  });
});

describe('SCRAM with the server', () => {
  it('proves both sides', async () => {
    const outcomes: ScramOutcome[] = [];
    const { code, connection, failures } = await connectTo({
      serve: scramServer({ password: 'correct' }, outcomes),
    });
    expect([code, failures]).toEqual([null, []]);
    expect(connection?.authentication).toBe('SCRAM-SHA-256');
    expect(outcomes).toEqual([{ mechanism: 'SCRAM-SHA-256', gs2Header: 'n,,', isValid: true }]);
  });

  it('refuses a server that does not know the password', async () => {
    const serve = scramServer({ password: 'other' });
    expect((await connectTo({ serve })).code).toBe('UPSTREAM_AUTH_FAILED');
  });

  it('refuses a server that skips its own proof', async () => {
    const serve = async (peer: FakePeer): Promise<void> => {
      await peer.startup();
      peer.send(encodeAuthentication({ kind: 'sasl', mechanisms: ['SCRAM-SHA-256'] }));
      await peer.next();
      peer.send(greeting());
      await peer.next();
    };
    expect((await connectTo({ serve })).code).toBe('UPSTREAM_AUTH_FAILED');
  });

  it('refuses a server that makes it hash without end', async () => {
    const serve = scramServer({
      password: 'correct',
      serverFirst: (honest) => honest.replace('i=4096', 'i=9999999'),
    });
    const started = performance.now();
    expect((await connectTo({ serve })).code).toBe('UPSTREAM_AUTH_FAILED');
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('TLS with the server', () => {
  const both = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'];
  const verified: Partial<UpstreamOptions> = {
    host: 'localhost',
    tls: 'verify-full',
    ca: certificate.certificate,
  };

  it.each(['sha256', 'sha384'] as const)(
    'binds SCRAM to a certificate that is signed with %s',
    async (hash) => {
      const tls = selfSignedCertificate('localhost', hash);
      const outcomes: ScramOutcome[] = [];
      const serve = scramServer(
        { password: 'correct', mechanisms: both, certificate: tls.certificate },
        outcomes,
      );
      const { code, connection } = await connectTo({ serve, tls }, { ...verified, ca: tls.certificate });
      expect(code).toBeNull();
      expect(connection?.encrypted).toBe(true);
      expect(connection?.authentication).toBe('SCRAM-SHA-256-PLUS');
      expect(outcomes).toEqual([
        { mechanism: 'SCRAM-SHA-256-PLUS', gs2Header: 'p=tls-server-end-point,,', isValid: true },
      ]);
    },
  );

  it('tells the server that binding was possible when it was not offered', async () => {
    const outcomes: ScramOutcome[] = [];
    const serve = scramServer({ password: 'correct' }, outcomes);
    expect((await connectTo({ serve, tls: certificate }, { tls: 'require' })).code).toBeNull();
    expect(outcomes).toEqual([{ mechanism: 'SCRAM-SHA-256', gs2Header: 'y,,', isValid: true }]);
  });

  it.each([
    ['an unknown CA', { ca: selfSignedCertificate('localhost').certificate }],
    ['a name that is not the host', { host: '127.0.0.1' }],
  ])('refuses %s under verify-full', async (_what, overrides) => {
    const { code } = await connectTo(
      { serve: scramServer({ password: 'correct' }), tls: certificate },
      { ...verified, ...overrides },
    );
    expect(code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('verifies the certificate under require when a CA is given', async () => {
    const server = { serve: scramServer({ password: 'correct' }), tls: certificate };
    expect((await connectTo(server, { tls: 'require', ca: certificate.certificate })).code).toBeNull();
    const other = selfSignedCertificate('localhost').certificate;
    expect((await connectTo(server, { tls: 'require', ca: other })).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('goes on without TLS only when that is allowed', async () => {
    const server = { serve: scramServer({ password: 'correct' }) };
    expect((await connectTo(server, { tls: 'prefer' })).connection?.encrypted).toBe(false);
    expect((await connectTo(server, { tls: 'require' })).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await connectTo(server, verified)).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await connectTo(server, { host: '/nowhere', tls: 'require' })).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it.each(['SX', 'NR', 'E', 'x'])('refuses the answer %j to its TLS request', async (answer) => {
    const server = { serve: scramServer({ password: 'correct' }), sslAnswer: Buffer.from(answer) };
    expect((await connectTo(server, { tls: 'prefer' })).code).toBe('UPSTREAM_UNAVAILABLE');
  });
});

describe('sendCancel', () => {
  it.each(['disable', 'require'] as const)(
    'sends the key and waits for the server to hang up, TLS %s',
    async (tls) => {
      const seen: unknown[] = [];
      await using fake = await startFakePostgres({
        serve: async (peer) => {
          seen.push(decodeStartupPacket(await peer.startup()));
        },
        tls: certificate,
      });
      const key = { pid: 7, secret: Buffer.alloc(32, 1) };
      const { host, port } = fake;
      await sendCancel({ host, port, tls, key, signal: new AbortController().signal, timeoutMs: 5_000 });
      expect(seen).toEqual([{ kind: 'cancel-request', cancel: key }]);
    },
  );

  it('does not wait for a server that never hangs up', async () => {
    await using fake = await startFakePostgres({
      serve: async (peer) => {
        await peer.startup();
        await peer.next();
      },
    });
    const { host, port } = fake;
    const key = { pid: 7, secret: Buffer.alloc(4) };
    const signal = new AbortController().signal;
    const attempt = sendCancel({ host, port, tls: 'disable', key, signal, timeoutMs: 50 });
    expect(await codeOfAsync(attempt)).toBe('UPSTREAM_UNAVAILABLE');
  });
});
