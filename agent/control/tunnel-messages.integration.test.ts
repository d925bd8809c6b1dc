/** What agent and control plane tell each other about the tunnel and about passkeys. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PasskeyStanding } from '@daam/shared/api/feed';
import type { RelayTicket, TunnelTarget } from '@daam/shared/api/schemas';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import type { UserId } from '@daam/shared/domain/ids';
import { signBundle } from '@daam/shared/identity/bundle';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { sampleAudience, sampleBundle, sampleId, sampleNow } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlLink } from './control-link.ts';
import { FakeControlPlane } from './testing/fake-control-plane.ts';

const key = generateSigningKey();
const target: TunnelTarget = { publicKey: 'A'.repeat(43), candidates: ['192.0.2.7:51820'] };
const ticket: RelayTicket = {
  name: 'relay',
  url: 'wss://relay.example.com/relay/v1',
  stun: [],
  token: 'a.b.c',
  expiresAt: new Date(sampleNow + 3_600_000).toISOString(),
};
const standing: PasskeyStanding = {
  user: sampleId<UserId>(4),
  email: 'dev@example.com',
  fingerprint: '0000 0000 0000 0000 0000 0000 0000 0000',
  standing: 'waiting',
  since: new Date(sampleNow).toISOString(),
};

let stack: AsyncDisposableStack;
let plane: FakeControlPlane;
let tickets: (RelayTicket | null)[];
let link: ControlLink;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-feed-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  tickets = [];
  plane = stack.use(
    new FakeControlPlane({
      key,
      token: 'token',
      credential: 'credential',
      identity: {
        agentId: sampleAudience.agent,
        database: { id: sampleAudience.database, name: 'shop' },
        org: { id: sampleAudience.org, name: 'Example' },
      },
    }),
  );
  plane.bundle = await signBundle(sampleBundle(key), key);
  await plane.start();
  link = stack.use(
    await ControlLink.start({
      config: {
        url: plane.url,
        authToken: new Secret('token'),
        credentialPath: join(folder, 'credential.json'),
        policyCachePath: join(folder, 'policy.json'),
      },
      version: '0.1.0',
      listen: () => null,
      tunnel: () => target,
      onRelay: (given) => {
        tickets.push(given);
        if (given === null) throw new Error('whoever is told may fail');
      },
      logger: silentLogger,
      clock: { now: () => sampleNow },
      backOff: { minMs: 5, maxMs: 20 },
    }),
  );
  await plane.acknowledged(1);
});
afterEach(async () => await stack.disposeAsync());

const said = (type: string) => plane.messages.filter((message) => message.type === type);

describe('the feed', () => {
  it('tells the tunnel with hello, no address when the agent listens nowhere, and the tunnel again when it moves', async () => {
    expect(said('hello')).toMatchObject([{ tunnel: target }]);
    expect(said('hello')[0]).not.toHaveProperty('listen');
    const moved = { ...target, candidates: [] };
    link.reportTunnel(moved);
    await plane.until(() => said('tunnel').length > 0);
    expect(said('tunnel')).toEqual([{ type: 'tunnel', tunnel: moved }]);
  });

  it('hands the relay’s ticket on, and outlives who does not take it', async () => {
    plane.send({ type: 'relay', ticket: null });
    plane.send({ type: 'relay', ticket });
    await expect.poll(() => tickets).toEqual([null, ticket]);
    expect(link.connected).toBe(true);
  });

  it('takes no ticket that does not fit', async () => {
    plane.send(JSON.stringify({ type: 'relay', ticket: { ...ticket, url: 'https://relay.example.com' } }));
    await plane.until(() => plane.connections > 1);
    expect(tickets).toEqual([]);
  });

  it('tells of passkeys now, and again after a reconnection', async () => {
    link.reportPasskeys([standing]);
    await plane.until(() => said('passkeys').length === 1);
    await plane.stop();
    await plane.start();
    await plane.until(() => said('passkeys').length === 2);
    expect(said('passkeys')[1]).toEqual({ type: 'passkeys', passkeys: [standing] });
  });
});
