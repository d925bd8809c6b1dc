import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseGrant, DeviceCertificate } from '@daam/shared/identity/claims';
import { generateSigningKey } from '@daam/shared/identity/keys';
import {
  encodeKnock,
  type KnockAnswer,
  knockAnswerSchema,
  knockLifetimeMs,
  parseKnock,
  type SealedKnock,
} from '@daam/shared/identity/knock';
import { seal, unseal } from '@daam/shared/identity/sealed';
import { signDocument } from '@daam/shared/identity/sign';
import { verifyDocument } from '@daam/shared/identity/verify';
import { generateX25519, x25519PublicText } from '@daam/shared/identity/x25519';
import {
  sampleAudience,
  sampleCertificate,
  sampleGrant,
  sampleNow,
} from '@daam/shared/testing/identity-samples';
import { beforeEach, describe, expect, it } from 'vitest';
import { waitsForWord } from '../passkeys/words.ts';
import type { AcceptDeps, PasskeyFault } from './accept.ts';
import { KnockDoor } from './knock-door.ts';

const orgKey = generateSigningKey();
const agentKey = generateX25519();
const agentPublic = x25519PublicText(agentKey);
const deviceKey = generateX25519();
const devicePublic = x25519PublicText(deviceKey);

let now = sampleNow;
let isRevoked = false;
let passkeyFault: PasskeyFault | null = null;
let admitted: string[] = [];
let refused: { code: string; detail: string | null }[] = [];

beforeEach(() => {
  now = sampleNow;
  isRevoked = false;
  passkeyFault = null;
  admitted = [];
  refused = [];
});

function openDoor(): KnockDoor {
  const accept: AcceptDeps = {
    verifyCertificate: (jws) => verifyDocument('deviceCertificate', jws, [orgKey.publicKey], now),
    verifyGrant: (jws) => verifyDocument('databaseGrant', jws, [orgKey.publicKey], now),
    isRevoked: () => isRevoked,
    passkeyFault: () => passkeyFault,
    database: { id: sampleAudience.database, name: 'shop' },
    agentId: sampleAudience.agent,
    now: () => now,
  };
  return new KnockDoor({
    privateKey: agentKey,
    accept,
    admit: ({ key, identity }) => {
      admitted.push(`${identity.email} ${key}`);
      const answer = { address: '100.64.0.2', agentAddress: '100.64.0.1', port: 5432, candidates: [] };
      return Promise.resolve(answer);
    },
    onRefused: ({ code, detail }) => refused.push({ code, detail }),
  });
}

interface Changes {
  readonly certificate?: Partial<DeviceCertificate>;
  readonly grant?: Partial<DatabaseGrant> | null;
  readonly knock?: Partial<SealedKnock>;
  readonly signer?: typeof orgKey;
}

async function makeKnock(changes: Changes = {}): Promise<Buffer> {
  const signer = changes.signer ?? orgKey;
  const claims = sampleCertificate({ wgKey: devicePublic, ...changes.certificate });
  const certificate = await signDocument('deviceCertificate', claims, signer);
  const certificateHash = createHash('sha256').update(certificate).digest('base64url');
  const grant =
    changes.grant === null
      ? null
      : await signDocument('databaseGrant', sampleGrant({ certificateHash, ...changes.grant }), signer);
  const knock: SealedKnock = {
    v: 1,
    id: randomBytes(16).toString('base64url'),
    at: now,
    certificate,
    grant,
    database: sampleAudience.database,
    candidates: ['192.0.2.7:4711'],
    ...changes.knock,
  };
  return seal({ purpose: 'knock', plain: encodeKnock(knock), sender: deviceKey, receiver: agentPublic });
}

function read(sealed: Buffer | null): KnockAnswer {
  const plain =
    sealed === null ? null : unseal({ purpose: 'answer', sealed, sender: agentPublic, receiver: deviceKey });
  if (plain === null) throw new Error('no answer that the device could read');
  return parseKnock(knockAnswerSchema, plain);
}

describe('a knock', () => {
  it('makes the key of a certified device a peer, and tells it its address', async () => {
    const answer = read(await openDoor().take(devicePublic, await makeKnock()));
    expect(answer).toMatchObject({ ok: true, address: '100.64.0.2', agentAddress: '100.64.0.1', port: 5432 });
    expect(admitted).toEqual([`dev@example.com ${devicePublic}`]);
  });

  it('holds without a grant, when the control plane could give none', async () => {
    expect(read(await openDoor().take(devicePublic, await makeKnock({ grant: null })))).toMatchObject({
      ok: true,
    });
  });

  it.each<[string, string, Changes]>([
    ['for another database', 'NOT_FOUND', { knock: { database: 'other' } }],
    ['with a grant of another certificate', 'FORBIDDEN', { grant: { certificateHash: 'A'.repeat(43) } }],
    ['with a grant that has ended', 'EXPIRED_CERTIFICATE', { grant: { iat: 1, exp: 2 } }],
  ])('%s is refused, and its person told', async (_, code, changes) => {
    expect(read(await openDoor().take(devicePublic, await makeKnock(changes)))).toMatchObject({
      ok: false,
      code,
    });
    expect(admitted).toEqual([]);
    expect(refused).toHaveLength(1);
  });

  it('of a revoked device is refused, and its person told', async () => {
    isRevoked = true;
    expect(read(await openDoor().take(devicePublic, await makeKnock()))).toMatchObject({
      ok: false,
      code: 'REVOKED',
    });
    expect(admitted).toEqual([]);
  });

  it('whose certificate no passkey vouches for is refused, whoever signed it', async () => {
    passkeyFault = { fault: 'wrong-signature' };
    const answer = read(await openDoor().take(devicePublic, await makeKnock()));
    expect(answer).toMatchObject({ ok: false, code: 'INVALID_CERTIFICATE' });
    expect(refused).toEqual([{ code: 'INVALID_CERTIFICATE', detail: 'passkey proof: wrong-signature' }]);
    expect(admitted).toEqual([]);
  });

  it('whose passkey waits for somebody’s word is told so, and what to do', async () => {
    passkeyFault = waitsForWord({ credentialId: 'c', publicKey: 'k', algorithm: -7 });
    const answer = read(await openDoor().take(devicePublic, await makeKnock()));
    expect(answer).toMatchObject({
      ok: false,
      code: 'PASSKEY_WAITING',
      hint: expect.stringContaining('Ask an administrator to approve the passkey') as string,
    });
    expect(refused).toEqual([{ code: 'PASSKEY_WAITING', detail: 'passkey proof: waiting' }]);
    expect(admitted).toEqual([]);
  });

  it('hears nothing of a passkey that waits when its certificate is of another key', async () => {
    passkeyFault = waitsForWord({ credentialId: 'c', publicKey: 'k', algorithm: -7 });
    const certificate = { wgKey: x25519PublicText(generateX25519()) };
    expect(await openDoor().take(devicePublic, await makeKnock({ certificate }))).toBeNull();
    expect(admitted).toEqual([]);
  });

  it.each<[string, Changes]>([
    ['of another organization', { signer: generateSigningKey() }],
    ['with an expired certificate', { certificate: { iat: 1, exp: 2 } }],
    ['from long ago', { knock: { at: sampleNow - knockLifetimeMs - 1 } }],
    ['from the future', { knock: { at: sampleNow + knockLifetimeMs + 1 } }],
    ['with a certificate of another key', { certificate: { wgKey: x25519PublicText(generateX25519()) } }],
  ])('%s meets silence, and is counted', async (_, changes) => {
    expect(await openDoor().take(devicePublic, await makeKnock(changes))).toBeNull();
    expect([admitted, refused.length]).toEqual([[], 1]);
  });

  it('that is replayed meets silence', async () => {
    const door = openDoor();
    const knock = await makeKnock();
    await door.take(devicePublic, knock);
    expect(await door.take(devicePublic, knock)).toBeNull();
    now += 2 * knockLifetimeMs;
    expect(await door.take(devicePublic, knock)).toBeNull();
    expect(admitted).toHaveLength(1);
  });

  it('under another key than the relay says meets silence', async () => {
    expect(await openDoor().take(x25519PublicText(generateX25519()), await makeKnock())).toBeNull();
    expect(refused).toEqual([{ code: 'INVALID_PROOF', detail: 'knock: the seal does not open' }]);
  });

  it('with a changed bit anywhere meets silence', async () => {
    const door = openDoor();
    const knock = await makeKnock();
    for (let at = 0; at < knock.length; at += 37) {
      const changed = Buffer.from(knock);
      changed.writeUInt8((changed[at] as number) ^ 1, at);
      expect(await door.take(devicePublic, changed)).toBeNull();
    }
    expect(admitted).toEqual([]);
  });

  it('that is sealed, and no knock, meets silence', async () => {
    for (const text of ['', '{}', 'null', '[1]', '\u0000', JSON.stringify({ v: 2 })]) {
      const plain = Buffer.from(text);
      const sealed = seal({ purpose: 'knock', plain, sender: deviceKey, receiver: agentPublic });
      expect(await openDoor().take(devicePublic, sealed)).toBeNull();
    }
    expect(admitted).toEqual([]);
  });
});
