import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { sampleAudience } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentCredential, readCredential, register, writeCredential } from './registration.ts';
import { FakeControlPlane } from './testing/fake-control-plane.ts';

const key = generateSigningKey();
const token = 'daam_reg_one-time-token';
const held: AgentCredential = {
  identity: {
    agentId: sampleAudience.agent,
    database: { id: sampleAudience.database, name: 'shop' },
    org: { id: sampleAudience.org, name: 'Example' },
  },
  credential: new Secret('daam_agt_long-lived-credential'),
  orgKeys: [key.publicKey],
  epoch: 12,
};

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-registration-'));
  path = join(folder, 'state', 'credential.json');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const thrown: unknown = await promise.catch((error: unknown) => error);
  if (!(thrown instanceof AppError)) throw new Error('no AppError was thrown');
  return thrown;
}

describe('the credential file', () => {
  it('gives back what was put in, with mode 0600', async () => {
    await writeCredential(path, held);
    const read = await readCredential(path);
    expect(read).toEqual(held);
    expect(read?.credential.reveal()).toBe('daam_agt_long-lived-credential');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is null when there is none', async () => {
    expect(await readCredential(path)).toBeNull();
  });

  it('stops the start by name when it is cut anywhere, and shows nothing of it', async () => {
    await writeCredential(path, held);
    const text = (await readFile(path, 'utf8')).trimEnd();
    for (let length = 0; length < text.length; length += 1) {
      await writeFile(path, text.slice(0, length));
      const failure = await failureOf(readCredential(path));
      expect([failure.code, failure.field]).toEqual(['INVALID_CONFIG', 'control_plane.credential_path']);
      expect(`${failure.message}${failure.detail}${String(failure.cause)}`).not.toContain('daam_agt');
    }
  });

  it.each([
    ['a version of another time', { version: 2 }],
    ['no keys', { orgKeys: [] }],
    ['a key under a name that is not its own', { orgKeys: [{ kid: 'other', x: key.publicKey.x }] }],
    ['a negative epoch', { epoch: -1 }],
    ['an id that is none', { agentId: 'agent' }],
    ['an unknown member', { note: 'edited' }],
  ])('is damaged with %s', async (_, changes) => {
    await writeCredential(path, held);
    const file = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...file, ...changes }));
    expect((await failureOf(readCredential(path))).field).toBe('control_plane.credential_path');
  });

  it('stops the start when it is too large or is no file', async () => {
    await mkdir(path, { recursive: true });
    expect((await failureOf(readCredential(path))).code).toBe('INVALID_CONFIG');
    await rm(path, { recursive: true });
    await writeFile(path, ' '.repeat(100_000));
    expect((await failureOf(readCredential(path))).code).toBe('INVALID_CONFIG');
  });
});

describe('the registration', () => {
  async function registerAt(plane: FakeControlPlane, given = token): Promise<AgentCredential> {
    return await register({
      url: plane.url,
      token: new Secret(given),
      version: '0.1.0',
      credentialPath: path,
      fetch,
    });
  }

  async function startPlane(): Promise<FakeControlPlane> {
    const plane = new FakeControlPlane({ ...held, key, token, credential: held.credential.reveal() });
    await plane.start();
    return plane;
  }

  it('exchanges the token for a credential that is on the disk when it is done', async () => {
    await using plane = await startPlane();
    const registered = await registerAt(plane);
    expect(registered).toEqual({ ...held, epoch: 0 });
    expect(await readCredential(path)).toEqual(registered);
  });

  it('does not use up the token when the credential could not be kept', async () => {
    await using plane = await startPlane();
    await writeFile(join(folder, 'state'), 'a file where the folder should be');
    const failure = await failureOf(registerAt(plane));
    expect([failure.code, failure.field]).toEqual(['INVALID_CONFIG', 'control_plane.credential_path']);
    expect(plane.registrations).toBe(0);
  });

  it('leaves no file behind when the token is refused', async () => {
    await using plane = await startPlane();
    const failure = await failureOf(registerAt(plane, 'daam_reg_wrong'));
    expect(failure.code).toBe('UNAUTHENTICATED');
    expect(await readCredential(path)).toBeNull();
  });

  it('refuses an answer whose keys do not fit their names', async () => {
    const stranger = { ...key, publicKey: { kid: 'other', x: key.publicKey.x } };
    await using plane = new FakeControlPlane({ ...held, key: stranger, token, credential: 'daam_agt_x' });
    await plane.start();
    expect((await failureOf(registerAt(plane))).code).toBe('INTERNAL');
    expect(await readCredential(path)).toBeNull();
  });
});
