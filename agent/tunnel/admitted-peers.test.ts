import type { DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import { sampleId } from '@daam/shared/testing/identity-samples';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PeerIdentity } from './accept.ts';
import { AddressPool } from './address-pool.ts';
import { AdmittedPeers } from './admitted-peers.ts';

const ownKey = 'A'.repeat(43);
const key = 'B'.repeat(43);
const now = 1_000_000;
let time = now;
let told: string[] = [];
let replaced: string[] = [];
let isRefusing = false;

beforeEach(() => {
  [time, told, replaced, isRefusing] = [now, [], [], false];
});

function identity(changes: Partial<PeerIdentity> = {}): PeerIdentity {
  return {
    user: sampleId<UserId>(1),
    email: 'dev@example.com',
    device: sampleId<DeviceId>(2),
    org: sampleId<OrgId>(3),
    certificateJti: 'one',
    authTime: 0,
    expiresAt: now / 1000 + 60,
    path: 'relay',
    ...changes,
  };
}

function table(maxDevices = 10): AdmittedPeers {
  return new AdmittedPeers({
    pool: new AddressPool({ ownKey, maxDevices }),
    now: () => time,
    addPeer: async ({ key: added }) => {
      told.push(`add ${added[0]}`);
      if (isRefusing) throw new Error('the sidecar is away');
    },
    removePeer: async (removed) => void told.push(`remove ${removed[0]}`),
    onReplaced: ({ email }) => replaced.push(email),
    graceMs: 0,
  });
}

const nobody = (): boolean => false;

describe('admitted peers', () => {
  it('are known by their key, with the address that is theirs', async () => {
    const peers = table();
    const { address } = await peers.admit({ key, identity: identity(), candidates: [] });
    expect(peers.find(key)).toMatchObject({ address, identity: { email: 'dev@example.com' } });
    expect(peers.find(ownKey)).toBeNull();
    expect(told).toEqual(['add B']);
  });

  it('keep address and peer when they knock again, and live as long as the newer certificate', async () => {
    const peers = table();
    const first = await peers.admit({ key, identity: identity(), candidates: [] });
    const newer = identity({ certificateJti: 'two', expiresAt: now / 1000 + 120 });
    expect((await peers.admit({ key, identity: newer, candidates: [] })).address).toBe(first.address);
    await peers.admit({ key, identity: identity(), candidates: [] });
    time += 90_000;
    peers.removeWhere(nobody);
    expect(peers.find(key)?.identity.certificateJti).toBe('two');
    expect(peers.isCurrent(identity())).toBe(true);
    expect(replaced).toEqual([]);
  });

  it('are nobody from the moment that their certificate ends, even before they are swept away', async () => {
    const peers = table();
    await peers.admit({ key, identity: identity(), candidates: [] });
    time += 60_000;
    expect(peers.find(key)).toBeNull();
    expect(peers.isCurrent(identity())).toBe(false);
    peers.removeWhere(nobody);
    expect(peers.size).toBe(0);
    await expect.poll(() => told).toEqual(['add B', 'remove B']);
  });

  it('are nobody from the moment that they are revoked', async () => {
    const peers = table();
    await peers.admit({ key, identity: identity(), candidates: [] });
    peers.removeWhere(({ device }) => device === identity().device);
    expect(peers.find(key)).toBeNull();
    await expect.poll(() => told).toEqual(['add B', 'remove B']);
  });

  it('that come back before the sidecar forgot them are not forgotten', async () => {
    const peers = table();
    await peers.admit({ key, identity: identity(), candidates: [] });
    peers.removeWhere(() => true);
    await peers.admit({ key, identity: identity(), candidates: [] });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told).toEqual(['add B', 'add B']);
    expect(peers.find(key)).not.toBeNull();
  });

  it('lose their sessions to another person who signs in on the same device', async () => {
    const peers = table();
    await peers.admit({ key, identity: identity(), candidates: [] });
    const other = identity({
      user: sampleId<UserId>(7),
      email: 'other@example.com',
      expiresAt: now / 1000 + 30,
    });
    await peers.admit({ key, identity: other, candidates: [] });
    expect(replaced).toEqual(['dev@example.com']);
    expect(peers.find(key)?.identity.email).toBe('other@example.com');
  });

  it('are not remembered when the sidecar did not take them', async () => {
    const peers = table();
    isRefusing = true;
    await expect(peers.admit({ key, identity: identity(), candidates: [] })).rejects.toThrow(
      'the sidecar is away',
    );
    expect([peers.find(key), peers.size]).toEqual([null, 0]);
  });

  it('are not more than there are addresses', async () => {
    const peers = table(1);
    await peers.admit({ key, identity: identity(), candidates: [] });
    const more = peers.admit({ key: 'C'.repeat(43), identity: identity(), candidates: [] });
    await expect(more).rejects.toMatchObject({ code: 'TOO_MANY_SESSIONS' });
  });
});
