/**
 * The control plane is in the hands of somebody else, with the organization's signing key, and tries to be a developer.
 * The agent is the real one; its tunnel, the relay and the databases are too.
 */
import { randomUUID } from 'node:crypto';
import type { PasskeyProof } from '@daam/shared/identity/passkey-proof';
import { endorsementChallenge } from '@daam/shared/identity/passkey-endorsement';
import type { SubjectPasskey } from '@daam/shared/policy/bundle';
import { type AssertionChanges, FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSidecar, SidecarProcess } from './sidecar-process.ts';
import { type AgentWorld, startAgentWorld, until } from './tunnel/agent-world.ts';
import { Knocker } from './tunnel/knocker.ts';
import type { AuditEvent, CertificateRequest, Person } from './tunnel/organization-double.ts';
import { maskedEmail } from './tunnel/person-at-work.ts';

const built = buildSidecar();
if ('missing' in built) process.stderr.write(`skipped: hostile-control-plane.spec: ${built.missing}\n`);

const byDeveloper = new FakeAuthenticator();
const byColleague = new FakeAuthenticator();
const byAdmin = new FakeAuthenticator();
/** Nobody in the organization has it: it is the intruder's own. */
const byIntruder = new FakeAuthenticator();

describe.skipIf('missing' in built)('a control plane that lies', () => {
  const file = 'file' in built ? built.file : '';
  let world: AgentWorld;
  let [developer, colleague, admin] = [] as unknown as [Person, Person, Person];
  let device: Knocker;

  beforeAll(async () => {
    world = await startAgentWorld({
      file,
      populate: (organization) => {
        developer = organization.addPerson('dev@example.com', [byDeveloper]);
        colleague = organization.addPerson('colleague@example.com', [byColleague]);
        admin = organization.addPerson('admin@example.com', [byAdmin]);
        admin.isAdmin = true;
      },
    });
  });
  afterAll(async () => await world?.[Symbol.asyncDispose]());

  /** Each test has a device of its own, so that nothing it was admitted for before helps it. */
  beforeEach(async () => {
    const { organization } = world;
    device = await Knocker.start(new SidecarProcess(file, 'client'), organization);
    return async () => await device[Symbol.asyncDispose]();
  });

  const certify = async (
    by: FakeAuthenticator | null,
    changes: Partial<CertificateRequest> = {},
  ): Promise<string> =>
    await world.organization.certify({ person: developer, wgKey: device.publicKey, by, ...changes });

  /** Why it is refused, in the words of the audit log; the device is told no more than that it is. */
  const faultOf = async (certificate: string): Promise<unknown> => {
    const { audited } = world.organization;
    const before = audited.length;
    const answer = await device.knock({ certificate });
    const codes = ['INVALID_CERTIFICATE', 'PASSKEY_WAITING'];
    if (answer?.ok !== false || !codes.includes(answer.code)) return answer;
    const refusal = (): AuditEvent | undefined =>
      audited.slice(before).find(({ kind, key }) => kind === 'knock.refused' && key === device.publicKey);
    await until('the refusal in the audit log', () => refusal() !== undefined);
    return refusal()?.['detail'];
  };

  /** The passkeys of the developer in the bundles from now on. */
  const give = async (passkeys: readonly SubjectPasskey[]): Promise<void> => {
    developer.passkeys = [...passkeys];
    const epoch = await world.organization.push();
    await until('the bundle in force', () => world.organization.hasApplied(epoch));
  };

  /** Somebody's word for the intruder's passkey. */
  const endorsed = (by: FakeAuthenticator, who: Person): SubjectPasskey => {
    const nonce = Buffer.alloc(32, randomUUID()).toString('base64url');
    const said = { org: world.organization.org, user: developer.user, passkey: byIntruder.passkey };
    const proof = by.assert(endorsementChallenge(said, nonce), nonce);
    return { ...byIntruder.passkey, endorsement: { by: who.user, proof } };
  };

  it('lets the person in who really signed', async () => {
    const port = await device.open(await device.knock({ certificate: await certify(byDeveloper) }));
    expect(await maskedEmail(port)).toMatch(/^.\*{3}@/);
  });

  it('is refused a certificate without a passkey assertion', async () => {
    expect(await faultOf(await certify(null))).toBe('passkey proof: no-proof');
    expect(await faultOf(await certify(null, { changes: { amr: ['hwk', 'user'] } }))).toBe(
      'passkey proof: no-proof',
    );
    expect(await faultOf(await certify(null, { changes: { amr: ['workload'] } }))).toBe(
      'passkey proof: no-proof',
    );
  });

  it('is refused an assertion that was made for another device key', async () => {
    const { organization } = world;
    await using victim = await Knocker.start(new SidecarProcess(file, 'client'), organization);
    const honest = await organization.certify({
      person: developer,
      wgKey: victim.publicKey,
      by: byDeveloper,
    });
    expect(await victim.knock({ certificate: honest })).toMatchObject({ ok: true });
    expect(await faultOf(await certify(byDeveloper, { changes: { passkey: proofIn(honest) } }))).toBe(
      'passkey proof: wrong-challenge',
    );
  });

  it('is refused an assertion that was made for an earlier end', async () => {
    const now = Math.floor(Date.now() / 1000);
    const longer = { changes: { exp: now + 7_200 } };
    expect(await faultOf(await certify(byDeveloper, longer))).toBe('passkey proof: wrong-challenge');
  });

  it('is refused an assertion under another nonce', async () => {
    const honest = await certify(byDeveloper);
    const nonce = Buffer.alloc(32, 7).toString('base64url');
    expect(
      await faultOf(await certify(byDeveloper, { changes: { passkey: { ...proofIn(honest), nonce } } })),
    ).toBe('passkey proof: wrong-challenge');
  });

  it('is refused the assertion of another person', async () => {
    expect(await faultOf(await certify(byColleague))).toBe('passkey proof: unknown-credential');
    expect(await faultOf(await certify(byAdmin))).toBe('passkey proof: unknown-credential');
  });

  it.each<[string, AssertionChanges, string]>([
    ['made without the person', { flags: 0x04 }, 'no-user-presence'],
    ['made without verifying the person', { flags: 0x01 }, 'no-user-verification'],
    ['made on another page', { origin: 'http://localhost.evil.example' }, 'wrong-origin'],
    ['made in a frame of another page', { crossOrigin: true }, 'wrong-origin'],
    ['made for another relying party', { relyingPartyId: 'evil.example' }, 'wrong-relying-party'],
    ['made when a passkey was registered', { type: 'webauthn.create' }, 'wrong-type'],
  ])('is refused an assertion that was %s', async (_, assertion, fault) => {
    expect(await faultOf(await certify(byDeveloper, { assertion }))).toBe(`passkey proof: ${fault}`);
  });

  it('is refused a passkey that it adds, or puts in place of the right one', async () => {
    const own: SubjectPasskey = { ...byDeveloper.passkey, endorsement: null };
    const added: SubjectPasskey = { ...byIntruder.passkey, endorsement: null };
    await give([own, added]);
    expect(await faultOf(await certify(byIntruder))).toBe('passkey proof: waiting');
    await give([added]);
    expect(await faultOf(await certify(byIntruder))).toBe('passkey proof: waiting');
    await give([own]);
    expect(await device.knock({ certificate: await certify(byDeveloper) })).toMatchObject({ ok: true });
  });

  it('is refused a passkey that the wrong people speak for', async () => {
    const own: SubjectPasskey = { ...byDeveloper.passkey, endorsement: null };
    await give([own, endorsed(byIntruder, developer)]);
    expect(await faultOf(await certify(byIntruder))).toBe('passkey proof: waiting');
    await give([own, endorsed(byColleague, colleague)]);
    expect(await faultOf(await certify(byIntruder))).toBe('passkey proof: waiting');
    // Who is an administrator is not the control plane's to say either.
    colleague.isAdmin = true;
    await give([own, endorsed(byColleague, colleague)]);
    expect(await faultOf(await certify(byIntruder))).toBe('passkey proof: waiting');
    colleague.isAdmin = false;
    await give([own]);
  });

  it('is refused a passkey that an administrator speaks for whom it has invented', async () => {
    const { organization } = world;
    const byInvented = new FakeAuthenticator();
    const invented = organization.addPerson('invented@example.com', [byInvented]);
    invented.isAdmin = true;
    const own: SubjectPasskey = { ...byDeveloper.passkey, endorsement: null };
    await give([own, endorsed(byInvented, invented)]);
    expect(await faultOf(await certify(byIntruder))).toBe('passkey proof: waiting');
    organization.people.splice(organization.people.indexOf(invented), 1);
    await give([own]);
  });

  it('may add a passkey that the person, or an administrator, has spoken for', async () => {
    const own: SubjectPasskey = { ...byDeveloper.passkey, endorsement: null };
    await give([own, endorsed(byAdmin, admin)]);
    const admitted = await device.knock({ certificate: await certify(byIntruder) });
    expect(admitted).toMatchObject({ ok: true });
  });
});

function proofIn(certificate: string): PasskeyProof {
  const claims = JSON.parse(Buffer.from(certificate.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly passkey: PasskeyProof;
  };
  return claims.passkey;
}
