/** `daam-agent passkeys` as an operator runs it: a process of its own beside the agent that has the pins open. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserId } from '@daam/shared/domain/ids';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { passkeyFingerprint } from '@daam/shared/identity/passkey-proof';
import { generateX25519, x25519PrivateText } from '@daam/shared/identity/x25519';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { sampleBundle, sampleId, sampleNow } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PasskeyBook } from './book.ts';

const main = join(import.meta.dirname, '..', 'main.ts');
const agentKey = generateX25519();
const orgKey = generateSigningKey();
const mine = new FakeAuthenticator();
const fresh = new FakeAuthenticator();
const freshFingerprint = passkeyFingerprint(fresh.passkey);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let config: string;
let book: PasskeyBook;

/** An agent that has pinned one passkey, and has heard of another. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-passkeys-'));
  config = join(folder, 'agent.yaml');
  const settings = {
    upstream: { dsn: 'postgres://daam:hunter2@db.example.com/shop' },
    control_plane: { url: 'https://daam.example.com', policy_cache_path: join(folder, 'policy.json') },
    wireguard: { private_key_path: join(folder, 'wireguard.key') },
  };
  await writeFile(config, JSON.stringify(settings), { mode: 0o600 });
  await writeFile(join(folder, 'wireguard.key'), `${x25519PrivateText(agentKey)}\n`, { mode: 0o600 });
  book = await PasskeyBook.open({
    path: join(folder, 'policy.json.passkeys'),
    agentKey,
    requireProof: 'auto',
    newUsers: 'pin',
    clock: { now: () => sampleNow },
    onChange: () => {},
    onStandings: () => {},
    onAlarm: () => {},
  });
  for (const known of [[mine], [mine, fresh]]) {
    const passkeys = known.map(({ passkey }) => ({ ...passkey, endorsement: null }));
    const user = sampleId<UserId>(4);
    book.take(
      sampleBundle(orgKey, {
        subjects: [{ user, email: 'dev@example.com', policy: 0, passkeys }],
        settings: { elevation: true, relyingParty: { id: 'localhost', origins: ['http://localhost'] } },
      }),
    );
  }
  await book.look();
});
afterEach(async () => {
  await book[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function passkeys(...args: readonly string[]): Promise<Outcome> {
  return await new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '' };
    const all = [main, 'passkeys', ...args, '--config', config];
    execFile(process.execPath, all, { env, timeout: 30_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** How the running agent stands to the passkey that waits. */
const standingOfFresh = async (): Promise<unknown> => {
  const { passkeys: all } = JSON.parse((await passkeys('--json')).stdout) as {
    readonly passkeys: readonly { readonly fingerprint: string; readonly standing: string }[];
  };
  return all.find(({ fingerprint }) => fingerprint === freshFingerprint)?.standing;
};

describe('the program daam-agent passkeys', () => {
  it('lists what is pinned and what waits, for people and as one JSON object', async () => {
    const { code, stdout, stderr } = await passkeys();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stdout).toMatch(new RegExp(`^waiting +${freshFingerprint} .*dev@example\\.com$`, 'm'));
    expect(await standingOfFresh()).toBe('waiting');
  });

  it('approves one, and the agent that runs takes it', async () => {
    const { code, stdout } = await passkeys('approve', freshFingerprint, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ approved: freshFingerprint, email: 'dev@example.com' });
    await expect.poll(standingOfFresh, { timeout: 20_000 }).toBe('pinned');
  });

  it('ends with 1 for what the agent has not heard of, and with 64 for what nobody can mean', async () => {
    const unheard = await passkeys('approve', '0'.repeat(32));
    expect([unheard.code, unheard.stdout]).toEqual([1, '']);
    expect(unheard.stderr).toContain('daam-agent passkeys');
    expect((await passkeys('approve', 'no-fingerprint')).code).toBe(1);
    for (const args of [['approve'], ['erase'], ['--all']])
      expect([args, (await passkeys(...args)).code]).toEqual([args, 64]);
  });

  it('says no secret where it fails', async () => {
    await writeFile(join(folder, 'wireguard.key'), 'sekret\n', { mode: 0o600 });
    const { code, stdout, stderr } = await passkeys();
    expect(code).toBe(64);
    expect(stdout + stderr).not.toMatch(/sekret|hunter2/);
  });
});
