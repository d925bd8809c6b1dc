import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PasskeyStanding } from '@daam/shared/api/feed';
import type { OrgId, UserId } from '@daam/shared/domain/ids';
import type { DeviceCertificate } from '@daam/shared/identity/claims';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { passkeyChallenge, passkeyFingerprint } from '@daam/shared/identity/passkey-proof';
import { generateX25519, x25519PrivateText } from '@daam/shared/identity/x25519';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { sampleBundle, sampleCertificate, sampleId, sampleNow } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { PasskeyBook, type PasskeyBookOptions } from './book.ts';
import { passkeysCommand } from './command.ts';
import type { PinChange } from './pins.ts';

const user = sampleId<UserId>(4);
const agentKey = generateX25519();
const orgKey = generateSigningKey();
const clock = { now: () => sampleNow };

let folder: string;
let path: string;
let stack: AsyncDisposableStack;
let changes: PinChange[];
let alarms: string[];
let standings: readonly PasskeyStanding[];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'daam-pins-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  path = join(folder, 'policy.json.passkeys');
  [changes, alarms, standings] = [[], [], []];
});
afterEach(async () => await stack.disposeAsync());

async function open(more: Partial<PasskeyBookOptions> = {}): Promise<PasskeyBook> {
  const options: PasskeyBookOptions = {
    path,
    agentKey,
    requireProof: 'auto',
    newUsers: 'pin',
    clock,
    onChange: (change) => changes.push(change),
    onStandings: (all) => void (standings = all),
    onAlarm: (rule) => alarms.push(rule),
    ...more,
  };
  return stack.use(await PasskeyBook.open(options));
}

function bundle(
  authenticators: readonly FakeAuthenticator[],
  more: Partial<PolicyBundle> = {},
): PolicyBundle {
  const passkeys = authenticators.map(({ passkey }) => ({ ...passkey, endorsement: null }));
  return sampleBundle(orgKey, {
    subjects: [{ user, email: 'dev@example.com', policy: 0, passkeys }],
    settings: { elevation: true, relyingParty: { id: 'localhost', origins: ['http://localhost'] } },
    ...more,
  });
}

function certificate(
  by: FakeAuthenticator | null,
  changed: Partial<DeviceCertificate> = {},
): DeviceCertificate {
  const plain = sampleCertificate();
  if (by === null) return { ...plain, ...changed };
  const nonce = randomBytes(32).toString('base64url');
  const { wgKey, org, exp } = plain;
  return { ...plain, passkey: by.assert(passkeyChallenge({ nonce, wgKey, org, exp }), nonce), ...changed };
}

/** The fault of a certificate, by its word. */
const faultOf = (book: PasskeyBook, shown: DeviceCertificate): string | null =>
  book.fault(shown)?.fault ?? null;

describe('pinned passkeys', () => {
  const mine = new FakeAuthenticator();
  const foreign = new FakeAuthenticator(-8);

  it('must stand behind a certificate of who has one, over exactly its key, organization and end', async () => {
    const book = await open();
    book.take(bundle([mine]));
    expect(faultOf(book, certificate(mine))).toBeNull();
    expect(faultOf(book, certificate(null))).toBe('no-proof');
    expect(faultOf(book, certificate(foreign))).toBe('unknown-credential');
    const exp = sampleCertificate().exp + 3_600;
    expect(faultOf(book, certificate(mine, { exp }))).toBe('wrong-challenge');
    expect(faultOf(book, certificate(mine, { org: sampleId<OrgId>(9) }))).toBe('wrong-challenge');
    expect(standings).toMatchObject([{ user, standing: 'pinned' }]);
  });

  it('outlive a restart of the agent, readable by it alone', async () => {
    const first = await open();
    first.take(bundle([mine]));
    await first[Symbol.asyncDispose]();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const book = await open();
    book.take(bundle([mine, foreign]));
    expect(faultOf(book, certificate(mine))).toBeNull();
    expect(faultOf(book, certificate(foreign))).toBe('waiting');
    expect(standings.map(({ standing }) => standing)).toEqual(['waiting', 'pinned']);
    expect(changes.map(({ kind }) => kind)).toEqual(['pinned', 'waiting']);
  });

  it('do not count when the control plane does not tell of them any more', async () => {
    const book = await open();
    book.take(bundle([mine]));
    book.take(bundle([]));
    expect(faultOf(book, certificate(mine))).toBe('unknown-credential');
    expect(faultOf(book, certificate(null))).toBe('no-proof');
  });

  it('are asked of everybody when everybody has one, and of nobody without', async () => {
    const book = await open();
    book.take(bundle([]));
    const stranger = certificate(null, { user: sampleId<UserId>(77) });
    expect([faultOf(book, certificate(null)), faultOf(book, stranger)]).toEqual([null, null]);
    book.take(bundle([mine]));
    expect(faultOf(book, stranger)).toBe('no-proof');
  });

  it('are asked of everybody, or of nobody, where the configuration says so', async () => {
    const always = await open({ requireProof: 'always' });
    always.take(bundle([]));
    expect(faultOf(always, certificate(null))).toBe('no-proof');
    const never = await open({ requireProof: 'never' });
    never.take(bundle([mine]));
    expect(faultOf(never, certificate(null))).toBeNull();
  });

  it('are asked of a new person who must be approved first', async () => {
    const book = await open({ newUsers: 'approve' });
    book.take(bundle([mine]));
    expect(faultOf(book, certificate(null))).toBe('no-proof');
    expect(book.fault(certificate(mine))?.hint).toContain(passkeyFingerprint(mine.passkey));
  });

  it.each([
    ['a changed character', (text: string) => text.replace(/"body":"/, '"body":" ')],
    ['nothing', () => ''],
    ['another agent’s', () => 'other'],
    ['a person less', (text: string) => text.replace('dev@example.com', 'eve@example.com')],
  ])('let nobody in when their file is damaged: %s', async (_, damage) => {
    const first = await open(damage('x') === 'other' ? { agentKey: generateX25519() } : {});
    first.take(bundle([mine]));
    await first[Symbol.asyncDispose]();
    const text = await readFile(path, 'utf8');
    if (damage('x') !== 'other') await writeFile(path, damage(text));
    const before = await readFile(path, 'utf8');
    const book = await open();
    book.take(bundle([mine, foreign]));
    await book[Symbol.asyncDispose]();
    expect([faultOf(book, certificate(mine)), faultOf(book, certificate(null))]).toEqual([
      'passkey-pins-damaged',
      'passkey-pins-damaged',
    ]);
    expect(alarms).toEqual(['passkey-pins-damaged']);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('of another organization say nothing, and are not overwritten', async () => {
    const first = await open();
    first.take(bundle([mine]));
    await first[Symbol.asyncDispose]();
    const book = await open();
    book.take(bundle([foreign], { org: sampleId<OrgId>(8) }));
    expect(faultOf(book, certificate(foreign))).toBe('passkey-pins-damaged');
  });

  it('let nobody in while they cannot be written, and are written when they can', async () => {
    const book = await open({ path: join(folder, 'file', 'pins') });
    await writeFile(join(folder, 'file'), '');
    book.take(bundle([mine]));
    await book.look();
    expect(faultOf(book, certificate(mine))).toBe('passkey-pins-not-written');
    await rm(join(folder, 'file'));
    await expect
      .poll(async () => {
        await book.look();
        return faultOf(book, certificate(mine));
      })
      .toBeNull();
    expect(alarms).toEqual(['passkey-pins-not-written']);
  });

  it('tell when the pages of sign-in have moved', async () => {
    const book = await open();
    book.take(bundle([mine]));
    const relyingParty = { id: 'localhost', origins: ['http://localhost:1'] };
    book.take(bundle([mine], { settings: { elevation: true, relyingParty } }));
    book.take(bundle([mine], { settings: { elevation: true, relyingParty } }));
    expect(alarms).toEqual(['passkey-relying-party-changed']);
  });
});

describe('daam-agent passkeys', () => {
  const [mine, fresh] = [new FakeAuthenticator(), new FakeAuthenticator()];

  async function command(...approve: readonly string[]): Promise<string> {
    const config = loadConfig({
      argv: [],
      env: {
        DAAM_UPSTREAM_DSN: 'postgres://daam:x@db.example.com/shop',
        DAAM_CONTROL_PLANE_URL: 'https://daam.example.com',
        DAAM_CONTROL_PLANE_POLICY_CACHE_PATH: join(folder, 'policy.json'),
        DAAM_WIREGUARD_PRIVATE_KEY_PATH: join(folder, 'wireguard.key'),
      },
      readFile: () => '',
    });
    let text = '';
    const [fingerprint] = approve;
    await passkeysCommand(config, {
      approve: fingerprint === undefined ? null : { fingerprint, asAdmin: approve.includes('--admin') },
      json: true,
      print: (part) => void (text += part),
    });
    return text;
  }

  beforeEach(async () => {
    await writeFile(join(folder, 'wireguard.key'), `${x25519PrivateText(agentKey)}\n`, { mode: 0o600 });
  });

  it('shows what waits, and by its word the running agent trusts it', async () => {
    const book = await open();
    book.take(bundle([mine]));
    book.take(bundle([mine, fresh]));
    await book.look();
    const fingerprint = passkeyFingerprint(fresh.passkey);
    const listed = JSON.parse(await command()) as { passkeys: PasskeyStanding[] };
    expect(listed.passkeys[0]).toMatchObject({ fingerprint, standing: 'waiting' });
    await command(fingerprint.replaceAll(' ', ''));
    expect(faultOf(book, certificate(fresh))).toBe('waiting');
    await book.look();
    expect(faultOf(book, certificate(fresh))).toBeNull();
    expect(changes.at(-1)).toMatchObject({ kind: 'pinned', by: 'operator', isAdmin: false });
    expect(await readdir(`${path}.approvals`)).toEqual([]);
  });

  it('approves nothing that the agent has not heard of, and nothing that is no fingerprint', async () => {
    const book = await open();
    book.take(bundle([mine]));
    await book.look();
    await expect(command('0'.repeat(32))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(command('nonsense')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('approves nothing that the control plane tells of under two people', async () => {
    const book = await open();
    book.take(bundle([mine]));
    const told = bundle([mine, fresh]);
    const [subject] = told.subjects;
    if (subject === undefined) throw new Error('a subject');
    const double = {
      ...subject,
      user: sampleId<UserId>(77),
      passkeys: [{ ...fresh.passkey, endorsement: null }],
    };
    book.take({ ...told, subjects: [...told.subjects, double] });
    await book.look();
    await expect(command(passkeyFingerprint(fresh.passkey))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('does not take an approval that this agent’s key has not sealed', async () => {
    const book = await open();
    book.take(bundle([mine]));
    book.take(bundle([mine, fresh]));
    await book.look();
    await command(passkeyFingerprint(fresh.passkey));
    const [name = ''] = await readdir(`${path}.approvals`);
    const file = join(`${path}.approvals`, name);
    await writeFile(file, (await readFile(file, 'utf8')).replace('false', 'true'));
    await book.look();
    expect(faultOf(book, certificate(fresh))).toBe('waiting');
    expect(await readdir(`${path}.approvals`)).toEqual([]);
  });
});
