import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { feedCloseCodes } from '@daam/shared/api/feed';
import type { LogFields, Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import type { DeviceId, UserId } from '@daam/shared/domain/ids';
import { signBundle } from '@daam/shared/identity/bundle';
import { generateSigningKey } from '@daam/shared/identity/keys';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import { pseudonymKeyId, pseudonymPads } from '@daam/shared/sql/pseudonym';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { sampleAudience, sampleBundle, sampleId, sampleNow } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ControlAlarm, ControlLink, type ControlLinkOptions } from './control-link.ts';
import { FakeControlPlane } from './testing/fake-control-plane.ts';

const key = generateSigningKey();
const token = 'daam_reg_one-time-token';
const credential = 'daam_agt_long-lived-credential';
const identity = {
  agentId: sampleAudience.agent,
  database: { id: sampleAudience.database, name: 'shop' },
  org: { id: sampleAudience.org, name: 'Example' },
};
const user = sampleId<UserId>(4);
const device = sampleId<DeviceId>(5);

let folder: string;
let plane: FakeControlPlane;
let links: ControlLink[];
let alarms: ControlAlarm[];
let lines: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-control-'));
  plane = new FakeControlPlane({ key, token, credential, identity });
  await plane.reserve();
  links = [];
  alarms = [];
  lines = [];
});

afterEach(async () => {
  for (const link of links) await link[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function recordingLogger(): Logger {
  const record = (fields: LogFields, message: string): void => {
    lines.push(JSON.stringify({ ...fields, message }));
  };
  return { debug: record, info: record, warn: record, error: record, child: () => recordingLogger() };
}

function paths() {
  return {
    credentialPath: join(folder, 'state', 'credential.json'),
    policyCachePath: join(folder, 'state', 'policy-bundle.json'),
  };
}

async function startLink(changes: Partial<ControlLinkOptions> = {}): Promise<ControlLink> {
  const link = await ControlLink.start({
    config: { url: plane.url, authToken: new Secret(token), ...paths() },
    version: '0.1.0',
    listen: () => ({ host: '127.0.0.1', port: 7430 }),
    logger: recordingLogger(),
    clock: { now: () => sampleNow },
    backOff: { minMs: 5, maxMs: 20 },
    onAlarm: (alarm) => alarms.push(alarm),
    ...changes,
  });
  links.push(link);
  return link;
}

async function stopLink(link: ControlLink): Promise<void> {
  await link[Symbol.asyncDispose]();
  links = links.filter((other) => other !== link);
}

function bundleOf(epoch: number, changes: Partial<PolicyBundle> = {}): Promise<string> {
  return signBundle(sampleBundle(key, { epoch, ...changes }), key);
}

/** Serves epoch 1 and waits until a fresh agent has it in force and acknowledged. */
async function startServed(): Promise<ControlLink> {
  plane.bundle = await bundleOf(1);
  await plane.start();
  const link = await startLink();
  await plane.acknowledged(1);
  return link;
}

describe('ControlLink', () => {
  it('registers once and keeps the credential where only the agent reads it', async () => {
    const link = await startServed();
    expect(plane.registrations).toBe(1);
    expect(link.credential?.reveal()).toBe(credential);
    expect(link.identity?.database.name).toBe('shop');
    const { credentialPath, policyCachePath } = paths();
    for (const path of [credentialPath, policyCachePath]) expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(credentialPath))).mode & 0o777).toBe(0o700);
  });

  it('says hello with its version, epoch and address, and acknowledges what is durable', async () => {
    const link = await startServed();
    const [hello] = plane.messages;
    const listen = { host: '127.0.0.1', port: 7430 };
    expect(hello).toEqual({ type: 'hello', version: '0.1.0', epoch: 0, listen });
    expect(await readFile(paths().policyCachePath, 'utf8')).toBe(`${plane.bundle}\n`);
    expect([link.store.state, link.store.epoch, link.connected]).toEqual(['live', 1, true]);
  });

  it('uses the credential after a restart, and the token no more', async () => {
    await stopLink(await startServed());
    const link = await startLink();
    expect(link.store.state).toBe('cache');
    await link.ready;
    await plane.acknowledged(1, 2);
    expect(plane.registrations).toBe(1);
    expect(link.store.state).toBe('live');
    expect(plane.messages.filter(({ type }) => type === 'hello').at(-1)).toMatchObject({ epoch: 1 });
  });

  it('goes on with the cache when the control plane is away at the start', async () => {
    await stopLink(await startServed());
    await plane.stop();
    const link = await startLink();
    await link.ready;
    expect([link.store.state, link.store.epoch, link.connected]).toEqual(['cache', 1, false]);
    expect(link.store.subject(user)).not.toBeNull();
  });

  it('puts a pushed bundle in force: a revocation counts before it is acknowledged', async () => {
    const link = await startServed();
    expect(link.store.isRevoked(device, user)).toBe(false);
    const changed = Promise.withResolvers<boolean>();
    link.store.onChanged(() => changed.resolve(link.store.isRevoked(device, user)));
    plane.push(await bundleOf(2, { revoked: { devices: [device], users: [] } }));
    expect(await changed.promise).toBe(true);
    await plane.acknowledged(2);
  });

  it('comes back when the control plane restarts, and takes what it missed', async () => {
    const link = await startServed();
    await plane.stop();
    plane.bundle = await bundleOf(5, { subjects: [] });
    expect(link.store.subject(user)).not.toBeNull();
    await plane.start();
    await plane.acknowledged(5);
    expect(link.store.subject(user)).toBeNull();
    expect(plane.connections).toBe(2);
  });

  it('takes the same epoch, signed anew at another time, as the same', async () => {
    const link = await startServed();
    const policy = link.store.subject(user)?.policy;
    plane.push(await bundleOf(1, { issuedAt: sampleNow / 1000 }));
    await plane.acknowledged(1, 2);
    expect(link.store.subject(user)?.policy).toBe(policy);
    expect(alarms).toEqual([]);
  });

  it('keeps what it has when a bundle is forged, foreign, older or garbled, and raises an alarm', async () => {
    const link = await startServed();
    plane.push(await bundleOf(4));
    await plane.acknowledged(4);
    const stranger = generateSigningKey();
    plane.push(await signBundle(sampleBundle(stranger, { epoch: 9 }), stranger));
    plane.push(await bundleOf(9, { agent: sampleId(77) }));
    plane.push(await bundleOf(3));
    plane.push(await bundleOf(4, { subjects: [] }));
    plane.push('garbage');
    plane.push(await bundleOf(6));
    await plane.acknowledged(6);
    const codes = alarms.map(({ about, code }) => `${about} ${code}`);
    expect(codes).toEqual([
      'bundle INVALID_SIGNATURE',
      'bundle INVALID_POLICY',
      'bundle STALE_EPOCH',
      'bundle STALE_EPOCH',
      'bundle INVALID_POLICY',
    ]);
    expect(plane.messages.flatMap((said) => (said.type === 'applied' ? [said.epoch] : []))).toEqual([
      1, 4, 6,
    ]);
    expect(link.store.subject(user)?.epoch).toBe(6);
  });

  it('refuses an old cache that was put back, also from a control plane, after a restart', async () => {
    const link = await startServed();
    const old = await readFile(paths().policyCachePath);
    plane.push(await bundleOf(7));
    await plane.acknowledged(7);
    await stopLink(link);
    await writeFile(paths().policyCachePath, old);
    plane.bundle = old.toString('utf8').trim();
    const refused = Promise.withResolvers<void>();
    const again = await startLink({
      onAlarm: (alarm) => {
        alarms.push(alarm);
        if (alarm.about === 'bundle') refused.resolve();
      },
    });
    await refused.promise;
    expect(alarms).toEqual([
      { about: 'cache', code: 'STALE_EPOCH' },
      { about: 'bundle', code: 'STALE_EPOCH' },
    ]);
    expect(again.store.state).toBe('none');
    plane.push(await bundleOf(7));
    await plane.acknowledged(7, 2);
    expect(again.store.state).toBe('live');
  });

  it('has no policy with a corrupt cache and no control plane, and lets nobody in', async () => {
    await stopLink(await startServed());
    await plane.stop();
    const { policyCachePath } = paths();
    const text = await readFile(policyCachePath, 'utf8');
    await writeFile(policyCachePath, text.slice(0, text.length / 2));
    const link = await startLink();
    expect([link.store.state, link.store.epoch]).toEqual(['none', null]);
    expect(link.store.subject(user)).toBeNull();
    expect(link.store.isRevoked(device, user)).toBe(true);
    expect(alarms[0]?.about).toBe('cache');
  });

  it('waits in the background for a control plane that is away at the first start', async () => {
    plane.bundle = await bundleOf(1);
    const link = await startLink();
    expect([link.store.state, link.credential, link.identity]).toEqual(['none', null, null]);
    await plane.start();
    await link.ready;
    await plane.acknowledged(1);
    expect([link.store.state, plane.registrations]).toEqual(['live', 1]);
  });

  it('follows a rotation of the keys over a restart', async () => {
    const link = await startServed();
    const next = generateSigningKey();
    plane.push(await bundleOf(2, { orgKeys: [next.publicKey, key.publicKey] }));
    plane.push(await signBundle(sampleBundle(next, { epoch: 3 }), next));
    await plane.acknowledged(3);
    await stopLink(link);
    await plane.stop();
    const again = await startLink();
    expect([again.store.state, again.store.epoch]).toEqual(['cache', 3]);
    expect(again.store.orgKeys).toEqual([next.publicKey]);
  });

  it('stops for good when it is revoked: no policy, no cache, no coming back', async () => {
    const link = await startServed();
    const changed = Promise.withResolvers<void>();
    link.store.onChanged(() => changed.resolve());
    plane.close(feedCloseCodes.revoked);
    await changed.promise;
    expect([link.trouble?.code, link.store.state, link.connected]).toEqual(['REVOKED', 'none', false]);
    await stopLink(link);
    expect(plane.connections).toBe(1);
    await expect(stat(paths().policyCachePath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('tells that its credential is refused, keeps its policy, and recovers', async () => {
    const link = await startServed();
    plane.acceptsCredential = false;
    const told = Promise.withResolvers<void>();
    const refused = await stopLink(link).then(() => startLink({ onAlarm: () => told.resolve() }));
    await told.promise;
    expect([refused.trouble?.code, refused.store.state]).toEqual(['UNAUTHENTICATED', 'cache']);
    plane.acceptsCredential = true;
    await plane.acknowledged(1, 2);
    await plane.until(() => refused.store.state === 'live');
    expect(refused.trouble).toBeNull();
  });

  it('gives up with a registration token that is refused', async () => {
    await plane.start();
    const config = { url: plane.url, authToken: new Secret('daam_reg_used-up'), ...paths() };
    const link = await startLink({ config });
    expect(await codeOfAsync(link.ready)).toBe('UNAUTHENTICATED');
    expect(link.trouble?.code).toBe('UNAUTHENTICATED');
    await stopLink(link);
    expect(plane.registrations).toBe(1);
  });

  it('does not start without credential and token, nor with a damaged credential', async () => {
    const config = { url: plane.url, authToken: null, ...paths() };
    await expect(startLink({ config })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      field: 'control_plane.auth_token',
    });
    await stopLink(await startServed());
    await writeFile(paths().credentialPath, '{"version":1,"credential":"daam_agt_half');
    const start = startLink();
    await expect(start).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      field: 'control_plane.credential_path',
    });
    const error: unknown = await start.catch((thrown: unknown) => thrown);
    expect(JSON.stringify([error, String(error), (error as Error).cause])).not.toContain('daam_agt');
  });

  it('does not acknowledge what it could not make durable, and does so when it can', async () => {
    const link = await startServed();
    const { policyCachePath } = paths();
    await rm(policyCachePath);
    const blocked = join(policyCachePath, 'in-the-way');
    await mkdir(blocked, { recursive: true });
    plane.push(await bundleOf(2));
    await plane.until(() => plane.connections >= 3);
    expect(link.store.epoch).toBe(2);
    expect(link.trouble?.field).toBe('control_plane.policy_cache_path');
    expect(plane.messages.some((said) => said.type === 'applied' && said.epoch === 2)).toBe(false);
    await rm(policyCachePath, { recursive: true });
    await plane.acknowledged(2);
    expect(link.trouble).toBeNull();
  });

  it('repeats its state after a reconnection', async () => {
    const link = await startServed();
    link.reportState({ state: 'healthy', sessions: 3 });
    const said = () => plane.messages.filter(({ type }) => type === 'state').length;
    await plane.until(() => said() === 1);
    plane.close(1001);
    await plane.until(() => said() === 2);
    expect(plane.connections).toBe(2);
  });

  it('reconnects when the control plane falls silent, and after a message that is none', async () => {
    await plane.start();
    plane.bundle = await bundleOf(1);
    await startLink({ heartbeatMs: 10 });
    await plane.until(() => plane.connections >= 2);
    const before = plane.connections;
    plane.send('not JSON');
    await plane.until(() => plane.connections > before);
    expect(alarms).toContainEqual({ about: 'feed', code: 'PROTOCOL_VIOLATION' });
  });

  it('never logs the token or the credential', async () => {
    const link = await startServed();
    plane.close(feedCloseCodes.replaced);
    await plane.acknowledged(1, 2);
    expect(alarms).toContainEqual({ about: 'feed', code: 'CONFLICT' });
    await stopLink(link);
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join('\n')).not.toMatch(/daam_(reg|agt)_/);
  });

  it('takes the pseudonym key beside the bundle, keeps it for a start alone, and tells when it comes later', async () => {
    const bytes = Buffer.alloc(32, 7);
    const settings = { elevation: true, pseudonymKey: pseudonymKeyId(bytes) };
    plane.bundle = await bundleOf(1, { settings });
    await plane.start();
    const link = await startLink();
    await plane.acknowledged(1);
    expect(link.pseudonymPads).toBeNull();
    let changes = 0;
    using _listening = link.store.onChanged(() => (changes += 1));
    plane.pseudonymKey = bytes.toString('base64url');
    plane.push(plane.bundle);
    await plane.acknowledged(1, 2);
    expect(link.pseudonymPads?.reveal()).toEqual(pseudonymPads(bytes));
    expect(changes).toBe(1);
    await stopLink(link);
    await plane.stop();
    const alone = await startLink();
    expect(alone.store.state).toBe('cache');
    expect(alone.pseudonymPads?.reveal()).toEqual(pseudonymPads(bytes));
    expect(lines.join()).not.toContain(plane.pseudonymKey);
  });
});
