import { type KeyObject } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fromBase64Url, toBase64Url } from '@daam/shared/base/bytes';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { prove } from '@daam/shared/identity/possession';
import { generateX25519, x25519PublicText } from '@daam/shared/identity/x25519';
import {
  admittedSchema,
  parseAdmission,
  relayChallengeSchema,
  relayCloseCodes,
} from '@daam/shared/relay-protocol/admission';
import {
  decodeFrames,
  encodeFrame,
  type Frame,
  goneReasonOf,
  noKey,
} from '@daam/shared/relay-protocol/frames';
import { type RelayToken, signRelayToken } from '@daam/shared/relay-protocol/token';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Relay, startRelay } from './app.ts';
import { type RelayConfig, relayDefaults } from './config.ts';

const issuer = generateSigningKey();
const name = 'relay-test';
let relay: Relay;
let sockets: WebSocket[];

beforeEach(async () => {
  sockets = [];
  relay = await startRelay({
    ...relayDefaults,
    name,
    listen: { host: '127.0.0.1', port: 0 },
    issuerKeys: [issuer.publicKey],
  });
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await relay[Symbol.asyncDispose]();
});

/** One side of a test conversation: what came, in order, and a way to wait for more. */
class TestPeer {
  readonly socket: WebSocket;
  readonly publicKey: string;
  readonly frames: Frame[] = [];
  closeCode: number | null = null;

  constructor(socket: WebSocket, publicKey: string) {
    this.socket = socket;
    this.publicKey = publicKey;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.frames.push(...decodeFrames(data));
    });
    socket.on('close', (code) => (this.closeCode = code));
  }

  send(to: TestPeer, text: string): void {
    this.socket.send(
      encodeFrame({ kind: 'send', key: fromBase64Url(to.publicKey), payload: Buffer.from(text) }),
    );
  }

  /** Kinds, senders and payloads so far. */
  get seen(): string[] {
    return this.frames.map(({ kind, key, payload }) => {
      const detail =
        kind === 'peerGone' ? goneReasonOf({ kind, key, payload }) : Buffer.from(payload).toString();
      return `${kind} ${toBase64Url(key).slice(0, 4)} ${detail}`.trim();
    });
  }
}

const short = (peer: TestPeer): string => peer.publicKey.slice(0, 4);

async function open(url = relay.url, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: true, headers });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

async function nextText(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data.toString();
}

interface JoinOptions {
  readonly key?: KeyObject;
  readonly proofKey?: KeyObject;
  readonly audience?: string;
  readonly token?: Partial<RelayToken>;
}

async function join(counterparts: readonly string[], options: JoinOptions = {}, at: Relay = relay) {
  const key = options.key ?? generateX25519();
  const publicKey = x25519PublicText(key);
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    relay: name,
    publicKey,
    counterparts: [...counterparts],
    iat: now,
    exp: now + 60,
    jti: 'j',
  };
  const document = await signRelayToken({ ...claims, ...options.token }, issuer);
  const socket = await open(at.url);
  const peer = new TestPeer(socket, publicKey);
  socket.send(JSON.stringify({ v: 1, token: document }));
  const answer = await nextText(socket);
  if (answer.includes('"ok"')) return { peer, outcome: parseAdmission(admittedSchema, answer) };
  const { nonce, relayKey } = parseAdmission(relayChallengeSchema, answer);
  const proof = prove({
    challenge: { nonce, verifierKey: relayKey },
    deviceKey: options.proofKey ?? key,
    binding: { purpose: 'relay', document, audience: options.audience ?? name },
  });
  socket.send(JSON.stringify({ proof }));
  return { peer, outcome: parseAdmission(admittedSchema, await nextText(socket)) };
}

async function joinPair(): Promise<[TestPeer, TestPeer]> {
  const [keyA, keyB] = [generateX25519(), generateX25519()];
  const { peer: a } = await join([x25519PublicText(keyB)], { key: keyA });
  const { peer: b } = await join([], { key: keyB });
  return [a, b];
}

describe('admission', () => {
  it.each<[string, string, JoinOptions]>([
    ['a proof by another key', 'INVALID_PROOF', { proofKey: generateX25519() }],
    ['a proof for another relay', 'INVALID_PROOF', { audience: 'other' }],
    ['a token for another relay', 'INVALID_CERTIFICATE', { token: { relay: 'other' } }],
    ['a token that has ended', 'EXPIRED_CERTIFICATE', { token: { iat: 1, exp: 2 } }],
  ])('is refused for %s', async (_, code, options) => {
    const { peer, outcome } = await join([], options);
    expect(outcome).toEqual({ ok: false, code });
    await expect.poll(() => peer.closeCode).toBe(relayCloseCodes.refused);
  });

  it('is refused to frames that come before it', async () => {
    const socket = await open();
    const peer = new TestPeer(socket, '');
    socket.send(encodeFrame({ kind: 'ping', key: noKey, payload: Buffer.alloc(0) }));
    await expect.poll(() => peer.closeCode).toBe(relayCloseCodes.refused);
  });

  it.each([
    ['another path', '/other', {}, 404],
    ['a web page', '', { origin: 'https://example.com' }, 403],
  ])('is refused to %s before the WebSocket opens', async (_, path, headers, status) => {
    const url = path === '' ? relay.url : new URL(path, relay.url).href;
    const socket = new WebSocket(url, { headers });
    sockets.push(socket);
    const [failure] = (await once(socket, 'error')) as [Error];
    expect(failure.message).toContain(String(status));
  });

  it('negotiates no compression, even when the peer offers it', async () => {
    expect((await open()).extensions).toBe('');
  });
});

describe('forwarding', () => {
  it('carries frames between counterparts, with the key of the sender, in order', async () => {
    const [a, b] = await joinPair();
    for (const text of ['one', 'two', 'three']) a.send(b, text);
    await expect.poll(() => b.seen).toHaveLength(3);
    expect(b.seen).toEqual(['one', 'two', 'three'].map((text) => `recv ${short(a)} ${text}`));
    b.send(a, 'answer');
    await expect.poll(() => a.seen.at(-1)).toBe(`recv ${short(b)} answer`);
  });

  it('tells a peer when its counterpart comes and goes', async () => {
    const [a, b] = await joinPair();
    await expect.poll(() => a.seen).toEqual([`peerPresent ${short(b)}`]);
    b.socket.close();
    await expect.poll(() => a.seen.at(-1)).toBe(`peerGone ${short(b)} disconnected`);
    a.send(b, 'late');
    await expect.poll(() => a.seen.at(-1)).toBe(`peerGone ${short(b)} notHere`);
    expect(relay.events.dropped('not-here')).toBe(1);
  });

  it('keeps strangers apart, and does not tell whether they are there', async () => {
    const { peer: a } = await join([]);
    const { peer: b } = await join([]);
    a.send(b, 'hello');
    await expect.poll(() => a.seen).toEqual([`peerGone ${short(b)} notACounterpart`]);
    b.socket.close();
    await once(b.socket, 'close');
    a.send(b, 'hello');
    await expect.poll(() => a.seen).toHaveLength(2);
    expect(a.seen[1]).toBe(a.seen[0]);
    expect(b.seen).toEqual([]);
    expect(relay.events.dropped('not-a-counterpart')).toBe(2);
  });

  it('answers a ping with its payload', async () => {
    const { peer } = await join([]);
    peer.socket.send(encodeFrame({ kind: 'ping', key: noKey, payload: Buffer.from('12345678') }));
    await expect.poll(() => peer.seen).toEqual(['pong AAAA 12345678']);
  });

  it('gives the key to the newest connection', async () => {
    const [keyA, keyB] = [generateX25519(), generateX25519()];
    const { peer: a } = await join([x25519PublicText(keyB)], { key: keyA });
    const { peer: older } = await join([], { key: keyB });
    const { peer: newer } = await join([], { key: keyB });
    await expect.poll(() => older.closeCode).toBe(relayCloseCodes.replaced);
    a.send(newer, 'hello');
    await expect.poll(() => newer.seen).toEqual([`recv ${short(a)} hello`]);
    expect(older.seen).toEqual([]);
  });

  it.each([
    ['random bytes', Buffer.from('nonsense')],
    [
      'a frame that only the relay may send',
      encodeFrame({ kind: 'recv', key: noKey, payload: Buffer.of(1) }),
    ],
  ])('ends a peer that sends %s', async (_, message) => {
    const { peer } = await join([]);
    peer.socket.send(message);
    await expect.poll(() => peer.closeCode).toBe(relayCloseCodes.badMessage);
  });

  it('ends a peer when its token ends', async () => {
    const now = Math.floor(Date.now() / 1000);
    const { peer } = await join([], { token: { exp: now + 1 } });
    await expect.poll(() => peer.closeCode, { timeout: 3_000 }).toBe(relayCloseCodes.tokenExpired);
  });
});

describe('the relay', () => {
  it('says that it is healthy', async () => {
    const response = await fetch(new URL('/health', relay.url.replace('ws:', 'http:')));
    expect([response.status, await response.json()]).toEqual([200, { status: 'healthy' }]);
  });

  it('says that it goes, and leaves nothing listening', async () => {
    const { peer } = await join([]);
    await relay[Symbol.asyncDispose]();
    expect(peer.seen[0]).toMatch(/^restarting/);
    await expect.poll(() => peer.closeCode).toBe(1001);
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(relay.url).port) });
    const [failure] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(failure.code).toBe('ECONNREFUSED');
  });

  it('says that a port is taken', async () => {
    const port = Number(new URL(relay.url).port);
    const again = startRelay({ ...relayDefaults, name, listen: { host: '127.0.0.1', port } });
    await expect(again).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });
});

/** Another relay beside the one of every test. */
async function startOther(change: Partial<RelayConfig>): Promise<Relay> {
  const listen = { host: '127.0.0.1', port: 0 };
  return await startRelay({ ...relayDefaults, name, listen, issuerKeys: [issuer.publicKey], ...change });
}

describe('limits', () => {
  it('drop what a peer sends beyond its rate, count it by that reason, and keep the peer', async () => {
    await using other = await startOther({ peerRate: { perSecond: 1, burst: 10 } });
    const { peer } = await join([], {}, other);
    const payload = Buffer.alloc(6);
    const frame = encodeFrame({ kind: 'send', key: Buffer.alloc(32, 1), payload });
    peer.socket.send(Buffer.concat([frame, frame, frame]));
    await expect.poll(() => other.events.dropped('rate-limited')).toBe(2);
    expect(other.events.dropped('not-a-counterpart')).toBe(1);
    expect(peer.closeCode).toBeNull();
  });

  it('turn away an address that connects too often', async () => {
    await using other = await startOther({ connectRate: { perSecond: 0, burst: 1 } });
    await open(other.url);
    const socket = new WebSocket(other.url);
    sockets.push(socket);
    const [failure] = (await once(socket, 'error')) as [Error];
    expect(failure.message).toContain('429');
  });
});

describe('metrics', () => {
  it('count peers, frames and drops, on a port of their own', async () => {
    await using other = await startOther({ metrics: { host: '127.0.0.1', port: 0 } });
    const { peer } = await join([], {}, other);
    peer.send(peer, 'nobody');
    await expect.poll(() => other.events.dropped('not-a-counterpart')).toBe(1);
    const text = await (await fetch(other.metricsUrl as string)).text();
    expect(text).toContain('daam_relay_peers 1\n');
    expect(text).toContain('daam_relay_frames_dropped_total{reason="not-a-counterpart"} 1\n');
    expect(text).not.toContain(peer.publicKey);
    expect((await fetch(new URL('/metrics', other.url.replace('ws:', 'http:')))).status).toBe(404);
  });
});

describe('STUN', () => {
  it('tells who asks under which address it is seen', async () => {
    await using other = await startOther({ stun: { host: '127.0.0.1', port: 0 } });
    const socket = createSocket('udp4');
    const answered = once(socket, 'message') as Promise<[Buffer]>;
    const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), Buffer.alloc(12, 7)]);
    socket.send('garbage', other.stunPort as number, '127.0.0.1');
    socket.send(request, other.stunPort as number, '127.0.0.1');
    const [response] = await answered;
    const port = response.readUInt16BE(26) ^ 0x2112;
    expect([response.readUInt16BE(0), port]).toEqual([0x0101, socket.address().port]);
    socket.close();
  });
});
