/**
 * Knocks that must let nobody in, at a real agent through a real relay: dropped, counted, audited. And the end of access:
 * revocation and expiry reach an open psql session.
 */
import { randomUUID } from 'node:crypto';
import { asId, type DeviceId } from '@daam/shared/domain/ids';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { signDocument } from '@daam/shared/identity/sign';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSidecar, SidecarProcess } from './sidecar-process.ts';
import { type AgentWorld, startAgentWorld, tunnelHealth, until } from './tunnel/agent-world.ts';
import { Knocker } from './tunnel/knocker.ts';
import type { CertificateRequest, Person } from './tunnel/organization-double.ts';
import { connectShop, maskedEmail } from './tunnel/person-at-work.ts';

const built = buildSidecar();
if ('missing' in built) process.stderr.write(`skipped: knocks.spec: ${built.missing}\n`);

const authenticator = new FakeAuthenticator();

describe.skipIf('missing' in built)('a knock', () => {
  const file = 'file' in built ? built.file : '';
  let world: AgentWorld;
  let developer: Person;
  let device: Knocker;

  beforeAll(async () => {
    world = await startAgentWorld({
      file,
      populate: (organization) =>
        void (developer = organization.addPerson('dev@example.com', [authenticator])),
    });
  });
  afterAll(async () => await world?.[Symbol.asyncDispose]());

  beforeEach(async () => {
    device = await newDevice();
    return async () => await device[Symbol.asyncDispose]();
  });

  const newDevice = async (): Promise<Knocker> =>
    await Knocker.start(new SidecarProcess(file, 'client'), world.organization);

  const certify = async (changes: Partial<CertificateRequest> = {}, of: Knocker = device): Promise<string> =>
    await world.organization.certify({
      person: developer,
      wgKey: of.publicKey,
      by: authenticator,
      ...changes,
    });

  /** Refused knocks in the audit log, by code. */
  const refusals = (code: string): number =>
    world.organization.audited.filter((event) => event.kind === 'knock.refused' && event['code'] === code)
      .length;

  /** What `act` answers, once one more refusal with this code is in the audit log. */
  const audited = async <T>(code: string, act: () => Promise<T>): Promise<T> => {
    const before = refusals(code);
    const result = await act();
    await until(`${code} in the audit log`, () => refusals(code) > before);
    return result;
  };

  /** What came in answer, by the time that an honest knock, sent after it, was answered. */
  const heard = async (sealed: Buffer, of: Knocker = device): Promise<readonly unknown[]> => {
    await of.send(sealed);
    await honestGetsIn();
    return of.answers;
  };
  const honestGetsIn = async (): Promise<void> => {
    await using honest = await newDevice();
    expect(await honest.knock({ certificate: await certify({}, honest) })).toMatchObject({ ok: true });
  };

  it('with a good certificate opens the way', async () => {
    const port = await device.open(await device.knock({ certificate: await certify() }));
    expect(await maskedEmail(port)).toMatch(/^.\*{3}@/);
  });

  it('is refused when its certificate has expired', async () => {
    const now = Math.floor(Date.now() / 1000);
    const certificate = await certify({ until: now - 3_600, changes: { authTime: now - 7_200 } });
    await audited('EXPIRED_CERTIFICATE', async () => {
      expect((await device.knock({ certificate }, 2_000))?.ok ?? false).toBe(false);
    });
  });

  it('is refused when its device is revoked, and when its person is', async () => {
    const { organization } = world;
    const gone = asId<DeviceId>(randomUUID());
    organization.revoked.devices.push(gone);
    const epoch = await organization.push();
    await until('the bundle in force', () => organization.hasApplied(epoch));
    const certificate = await certify({ changes: { device: gone } });
    await audited('REVOKED', async () => {
      expect(await device.knock({ certificate })).toMatchObject({ ok: false, code: 'REVOKED' });
    });
  });

  it('is dropped when it is heard a second time', async () => {
    const sealed = device.seal({ certificate: await certify() });
    await device.send(sealed);
    await until('the answer', () => device.answers.length === 1);
    await audited('PROTOCOL_VIOLATION', async () => {
      await device.send(sealed);
      await honestGetsIn();
    });
    expect(device.answers).toHaveLength(1);
  });

  it('is dropped when another device sends it', async () => {
    const sealed = device.seal({ certificate: await certify() });
    await using thief = await newDevice();
    expect(await audited('INVALID_PROOF', async () => await heard(sealed, thief))).toEqual([]);
  });

  it('is dropped when it was made long ago', async () => {
    const sealed = device.seal({ certificate: await certify(), at: Date.now() - 600_000 });
    expect(await audited('PROTOCOL_VIOLATION', async () => await heard(sealed))).toEqual([]);
  });

  it('is dropped with any bit flipped', async () => {
    const sealed = device.seal({ certificate: await certify() });
    const places = [0, 1, 2, 20, 33, 34, 100, sealed.length >> 1, sealed.length - 16, sealed.length - 1];
    await audited('INVALID_PROOF', async () => {
      for (const [index, place] of places.entries()) {
        const flipped = Buffer.from(sealed);
        flipped.writeUInt8(flipped.readUInt8(place) ^ (1 << (index % 8)), place);
        await device.send(flipped);
      }
      await honestGetsIn();
    });
    expect(device.answers).toEqual([]);
  });

  it('is dropped when another organization signed its certificate', async () => {
    const { organization } = world;
    const payload = Buffer.from((await certify()).split('.')[1] ?? '', 'base64url').toString();
    const claims = JSON.parse(payload) as Parameters<typeof signDocument<'deviceCertificate'>>[1];
    const foreign = await signDocument('deviceCertificate', claims, generateSigningKey());
    expect(claims.org).toBe(organization.org);
    const sealed = device.seal({ certificate: foreign });
    expect(await audited('INVALID_SIGNATURE', async () => await heard(sealed))).toEqual([]);
  });

  it('is dropped when its certificate is of another key', async () => {
    await using other = await newDevice();
    const certificate = await certify({}, other);
    const sealed = device.seal({ certificate });
    expect(await audited('INVALID_PROOF', async () => await heard(sealed))).toEqual([]);
  });

  it('is dropped when it is nonsense', async () => {
    for (const bytes of [Buffer.of(0xdb), Buffer.alloc(300, 0xdb), Buffer.alloc(15_000, 1)]) {
      await device.send(bytes).catch(() => {});
    }
    await honestGetsIn();
    expect(device.answers).toEqual([]);
  });

  it('that nobody sent lets nobody through: a handshake alone is not answered', async () => {
    await using honest = await newDevice();
    const answer = await honest.knock({ certificate: await certify({}, honest) });
    if (answer?.ok !== true) throw new Error('an honest knock is admitted');
    const port = await device.intrude(answer.agentAddress, answer.port);
    await expect(
      Promise.race([
        connectShop(port),
        new Promise((_, reject) => setTimeout(() => reject(new Error('no answer')), 6_000)),
      ]),
    ).rejects.toThrow(/no answer|terminated|reset/i);
    expect(await maskedEmail(await honest.open(answer))).toMatch(/^.\*{3}@/);
  });

  it('is worth nothing any more once its device is revoked: the open session ends at once', async () => {
    const { organization } = world;
    const id = asId<DeviceId>(randomUUID());
    const port = await device.open(
      await device.knock({ certificate: await certify({ changes: { device: id } }) }),
    );
    const client = await connectShop(port);
    const ended = new Promise<number>((resolve) => client.once('end', () => resolve(performance.now())));
    const running = client.query('select count(*), pg_sleep(30) from customers').then(
      () => 'finished',
      (error: { readonly code?: string }) => error.code ?? 'cut',
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const revokedAt = performance.now();
    organization.revoked.devices.push(id);
    await organization.push();
    const tookMs = (await ended) - revokedAt;
    process.stdout.write(`knocks.spec: revocation ended the open session in ${Math.round(tookMs)} ms\n`);
    expect(await running).not.toBe('finished');
    expect(tookMs).toBeLessThan(8_000);
    await audited('REVOKED', async () => {
      expect(await device.knock({ certificate: await certify({ changes: { device: id } }) })).toMatchObject({
        ok: false,
      });
    });
    await expect(connectShop(port)).rejects.toThrow(/terminated|reset|timeout/i);
  });

  it('holds no longer than its certificate: the open session ends with it', async () => {
    const now = Math.floor(Date.now() / 1000);
    const certificate = await certify({ until: now + 5 });
    const client = await connectShop(await device.open(await device.knock({ certificate })));
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await new Promise<void>((resolve) => client.once('end', () => resolve()));
    await honestGetsIn();
  });

  it('that was refused is counted by its code, where operators look', async () => {
    const counted = (await tunnelHealth(world.health))?.knocks;
    const most = [
      'EXPIRED_CERTIFICATE',
      'INVALID_PROOF',
      'INVALID_SIGNATURE',
      'PROTOCOL_VIOLATION',
      'REVOKED',
    ];
    expect(Object.keys(counted?.refused ?? {})).toEqual(expect.arrayContaining(most));
    expect(counted?.refused['INVALID_PROOF']).toBeGreaterThan(3);
    expect(counted?.admitted).toBeGreaterThan(3);
  });
});
