import { createHash, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type AgentId,
  asId,
  type DatabaseId,
  type DeviceId,
  type OrgId,
  type UserId,
} from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import type { DatabaseGrant, DeviceCertificate } from '@daam/shared/identity/claims';
import { prove } from '@daam/shared/identity/possession';
import {
  challengeSchema,
  encodePrefaceLine,
  type Knock,
  maxPrefaceLine,
  type Outcome,
  outcomeSchema,
  PrefaceLines,
  parsePrefaceLine,
} from '@daam/shared/identity/preface';
import { Secret } from '@daam/shared/base/secret';
import { generateX25519, x25519PublicText } from '@daam/shared/identity/x25519';
import { selfSignedCertificate } from '@daam/shared/testing/self-signed-certificate';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AcceptDeps, AcceptedStream } from './accept.ts';
import { type ListenerOptions, type RefusedStream, TunnelListener } from './listener.ts';
import { readPrefaceLine } from '@daam/shared/identity/read-preface-line';

const uuid = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
const agentId = asId<AgentId>(uuid(1));
const database = { id: asId<DatabaseId>(uuid(2)), name: 'shop' };
const now = Date.UTC(2030, 0, 1);
const seconds = now / 1000;

const deviceKey = generateX25519();
const certificate: DeviceCertificate = {
  org: asId<OrgId>(uuid(3)),
  user: asId<UserId>(uuid(4)),
  email: 'dev@example.com',
  device: asId<DeviceId>(uuid(5)),
  wgKey: x25519PublicText(deviceKey),
  amr: ['dev-token'],
  passkey: null,
  authTime: seconds - 60,
  iat: seconds - 60,
  exp: seconds + 3600,
  epoch: 1,
  jti: 'certificate-1',
};
const certificateText = 'header.certificate.signature';
const grant: DatabaseGrant = {
  certificateHash: createHash('sha256').update(certificateText).digest('base64url'),
  database: database.id,
  agent: agentId,
  policyEpoch: 1,
  iat: seconds,
  exp: seconds + 300,
  jti: 'grant-1',
};
const knock: Knock = {
  v: 1,
  certificate: certificateText,
  grant: 'header.grant.signature',
  database: database.id,
};

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

interface Started {
  readonly listener: TunnelListener;
  readonly accepted: AcceptedStream[];
  readonly refused: RefusedStream[];
}

async function start(
  change: Partial<AcceptDeps> = {},
  limits: Partial<Pick<ListenerOptions, 'maxPending' | 'tls'>> = {},
): Promise<Started> {
  const accepted: AcceptedStream[] = [];
  const refused: RefusedStream[] = [];
  const listener = await TunnelListener.start({
    host: '127.0.0.1',
    port: 0,
    accept: {
      verifyCertificate: (jws) =>
        jws === certificateText
          ? Promise.resolve(certificate)
          : Promise.reject(new AppError('INVALID_CERTIFICATE')),
      verifyGrant: () => Promise.resolve(grant),
      isRevoked: () => false,
      passkeyFault: () => null,
      database,
      agentId,
      now: () => now,
      ...change,
    },
    onAccepted: (stream) => void accepted.push(stream),
    onRefused: (knock) => void refused.push(knock),
    ...limits,
  });
  cleanUp.use(listener);
  return { listener, accepted, refused };
}

async function dial(listener: TunnelListener): Promise<Socket> {
  const socket = connect(listener.listen);
  socket.on('error', () => {});
  opened.push(socket);
  await once(socket, 'connect');
  return socket;
}

interface KnockOptions {
  readonly knock?: Partial<Knock>;
  readonly key?: KeyObject;
  readonly audience?: string;
  /** Sent in the same write as the proof. */
  readonly trailing?: Buffer;
  readonly proof?: string;
  /** A connection that is open already. */
  readonly over?: Socket;
}

async function attempt(listener: TunnelListener, options: KnockOptions = {}) {
  const socket = options.over ?? (await dial(listener));
  const lines = new PrefaceLines();
  const signal = AbortSignal.timeout(3_000);
  const readLine = (): Promise<string> => readPrefaceLine(socket, lines, signal);
  const sent = { ...knock, ...options.knock };
  socket.write(encodePrefaceLine(sent));
  const answer = await readLine();
  if (answer.includes('"ok"')) return { socket, outcome: JSON.parse(answer) as Outcome, lines };
  const { nonce, agentKey } = parsePrefaceLine(challengeSchema, answer);
  const proof =
    options.proof ??
    prove({
      challenge: { nonce, verifierKey: agentKey },
      deviceKey: options.key ?? deviceKey,
      binding: { purpose: 'agent', document: sent.certificate, audience: options.audience ?? agentId },
    });
  socket.write(Buffer.concat([encodePrefaceLine({ proof }), options.trailing ?? Buffer.alloc(0)]));
  const outcome = parsePrefaceLine(outcomeSchema, await readLine());
  return { socket, outcome, proof, lines };
}

async function gone(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

function only(accepted: readonly AcceptedStream[]): AcceptedStream {
  const [stream, ...others] = accepted;
  if (stream === undefined || others.length > 0) throw new Error(`${accepted.length} streams were accepted`);
  return stream;
}

describe('the tunnel listener', () => {
  it('accepts a device that proves its key and says who it is', async () => {
    const { listener, accepted } = await start();
    const { outcome } = await attempt(listener);
    expect(outcome).toEqual({ ok: true });
    expect(only(accepted).identity).toEqual({
      user: certificate.user,
      email: 'dev@example.com',
      device: certificate.device,
      org: certificate.org,
      certificateJti: 'certificate-1',
      authTime: certificate.authTime,
      expiresAt: certificate.exp,
      path: 'loopback',
    });
  });

  it('keeps the bytes that came with the last line and those that come later, in order', async () => {
    const { listener, accepted } = await start();
    const { socket } = await attempt(listener, { trailing: Buffer.from('first ') });
    const stream = only(accepted);
    const received: Buffer[] = [stream.leftover];
    stream.socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.end('second');
    await once(stream.socket, 'end');
    expect(Buffer.concat(received).toString()).toBe('first second');
  });

  it('accepts a knock byte by byte', async () => {
    const { listener, accepted } = await start();
    const socket = await dial(listener);
    socket.setNoDelay(true);
    for (const byte of encodePrefaceLine(knock)) socket.write(Buffer.from([byte]));
    const answer = await readPrefaceLine(socket, new PrefaceLines(), AbortSignal.timeout(3_000));
    const { nonce, agentKey } = parsePrefaceLine(challengeSchema, answer);
    const binding = { purpose: 'agent', document: certificateText, audience: agentId } as const;
    const proof = prove({ challenge: { nonce, verifierKey: agentKey }, deviceKey, binding });
    for (const byte of encodePrefaceLine({ proof })) socket.write(Buffer.from([byte]));
    await once(socket, 'readable');
    expect(accepted).toHaveLength(1);
  });

  it('takes the database by its name and a missing grant when none is required', async () => {
    const { listener } = await start();
    expect((await attempt(listener, { knock: { database: 'shop', grant: null } })).outcome.ok).toBe(true);
  });

  it.each<[string, string, KnockOptions, Partial<AcceptDeps>]>([
    ['a certificate that does not verify', 'INVALID_CERTIFICATE', { knock: { certificate: 'x.y.z' } }, {}],
    [
      'a certificate that ends now',
      'EXPIRED_CERTIFICATE',
      {},
      { verifyCertificate: () => Promise.resolve({ ...certificate, exp: seconds }) },
    ],
    ['a revoked device', 'REVOKED', {}, { isRevoked: (device) => device === certificate.device }],
    ['another database', 'NOT_FOUND', { knock: { database: 'payroll' } }, {}],
    [
      'no grant where one is required',
      'FORBIDDEN',
      { knock: { grant: null } },
      { isGrantRequired: () => true },
    ],
    [
      'a grant for another certificate',
      'FORBIDDEN',
      {},
      { verifyGrant: () => Promise.resolve({ ...grant, certificateHash: 'A'.repeat(43) }) },
    ],
    [
      'a grant for another database',
      'FORBIDDEN',
      {},
      { verifyGrant: () => Promise.resolve({ ...grant, database: asId<DatabaseId>(uuid(9)) }) },
    ],
    [
      'a grant for another agent',
      'FORBIDDEN',
      {},
      { verifyGrant: () => Promise.resolve({ ...grant, agent: asId<AgentId>(uuid(9)) }) },
    ],
    ['an expired grant', 'FORBIDDEN', {}, { verifyGrant: () => Promise.resolve({ ...grant, exp: seconds }) }],
    ['a proof by another key', 'INVALID_PROOF', { key: generateX25519() }, {}],
    ['a proof meant for another agent', 'INVALID_PROOF', { audience: uuid(9) }, {}],
    ['a proof that is not one', 'INVALID_PROOF', { proof: 'A'.repeat(43) }, {}],
    [
      'a failure inside the agent',
      'INTERNAL',
      {},
      { verifyCertificate: () => Promise.reject(new Error('secret detail')) },
    ],
  ])('refuses %s and closes', async (_, code, options, change) => {
    const { listener, accepted, refused } = await start(change);
    const { outcome, socket } = await attempt(listener, options);
    expect(outcome).toMatchObject({ ok: false, code });
    expect(JSON.stringify(outcome)).not.toContain('secret detail');
    await gone(socket);
    expect(accepted).toHaveLength(0);
    expect(refused).toEqual([{ address: '127.0.0.1', code, path: 'loopback', failures: 1 }]);
  });

  it('refuses the proof of an earlier stream', async () => {
    const { listener } = await start();
    const first = await attempt(listener);
    expect(first.outcome.ok).toBe(true);
    const second = await attempt(listener, { proof: first.proof ?? '' });
    expect(second.outcome).toMatchObject({ ok: false, code: 'INVALID_PROOF' });
  });

  it('notices a revocation that comes between certificate and proof', async () => {
    let asked = 0;
    const { listener } = await start({ isRevoked: () => (asked += 1) > 1 });
    expect((await attempt(listener)).outcome).toMatchObject({ ok: false, code: 'REVOKED' });
  });

  it('ends a peer that never finishes its line', async () => {
    const { listener, refused } = await start({ timeoutMs: 50 });
    const socket = await dial(listener);
    socket.write('{"v":1');
    await gone(socket);
    expect(refused.map((knock) => knock.code)).toEqual(['TIMEOUT']);
  });

  it('ends a peer whose line is too long', async () => {
    const { listener, refused } = await start();
    const socket = await dial(listener);
    socket.write('x'.repeat(maxPrefaceLine + 1));
    await gone(socket);
    expect(refused.map((knock) => knock.code)).toEqual(['FRAME_TOO_LARGE']);
  });

  it('answers a bare PostgreSQL client with a refusal, not with silence', async () => {
    const { listener, refused } = await start();
    const socket = await dial(listener);
    socket.write('SSLRequest\n');
    await gone(socket);
    expect(refused.map((knock) => knock.code)).toEqual(['PROTOCOL_VIOLATION']);
  });

  it('drops connections beyond the number that may be unknown at once', async () => {
    const { listener, refused } = await start({}, { maxPending: 1 });
    await dial(listener);
    const second = await dial(listener);
    await gone(second);
    expect(refused.map((knock) => knock.code)).toEqual(['TOO_MANY_SESSIONS']);
  });

  it('ends unknown connections when it stops and leaves accepted streams alone', async () => {
    const { listener, accepted } = await start();
    const known = await attempt(listener);
    const unknown = await dial(listener);
    unknown.write('{');
    await new Promise((resolve) => setImmediate(resolve));
    await listener[Symbol.asyncDispose]();
    await gone(unknown);
    only(accepted).socket.write('still here');
    await once(known.socket, 'readable');
    expect(known.socket.destroyed).toBe(false);
    only(accepted).socket.destroy();
  });

  describe('with TLS', () => {
    const { certificate: pem, key } = selfSignedCertificate('agent.example.com');
    const tls = { certificate: pem, key: new Secret(key) };

    it('takes the same preface, and says that the stream came so', async () => {
      const { listener, accepted, refused } = await start({}, { tls });
      const socket = connectTls({ ...listener.listen, ca: pem, servername: 'agent.example.com' });
      socket.on('error', () => {});
      opened.push(socket);
      await once(socket, 'secureConnect');
      const { outcome } = await attempt(listener, { over: socket });
      expect(outcome).toMatchObject({ ok: true });
      expect(only(accepted).identity.path).toBe('tls');
      expect(refused).toEqual([]);
    });

    it('hears nothing that is not TLS', async () => {
      const { listener, accepted } = await start({}, { tls });
      const socket = await dial(listener);
      socket.write(encodePrefaceLine(knock));
      await once(socket, 'close');
      expect(accepted).toEqual([]);
    });

    it('does not start with a key that does not fit, and tells nothing of it', async () => {
      const other = { certificate: pem, key: new Secret(selfSignedCertificate('x').key) };
      await expect(start({}, { tls: other })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
      await expect(start({}, { tls: { ...tls, key: new Secret('nonsense') } })).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
      });
    });
  });

  it('refuses a certificate that no trusted passkey vouches for', async () => {
    const { listener, accepted, refused } = await start({ passkeyFault: () => ({ fault: 'no-proof' }) });
    expect((await attempt(listener)).outcome).toMatchObject({ ok: false, code: 'INVALID_CERTIFICATE' });
    expect([accepted, refused.length]).toEqual([[], 1]);
  });

  it('says that a port is taken', async () => {
    const { listener } = await start();
    const { port } = listener.listen;
    const again = TunnelListener.start({
      host: '127.0.0.1',
      port,
      accept: {
        verifyCertificate: () => Promise.resolve(certificate),
        verifyGrant: () => Promise.resolve(grant),
        isRevoked: () => false,
        passkeyFault: () => null,
        database,
        agentId,
        now: () => now,
      },
      onAccepted: () => {},
    });
    await expect(again).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });
});
