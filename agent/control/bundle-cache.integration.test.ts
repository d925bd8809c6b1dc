import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentId, DatabaseId, OrgId } from '@daam/shared/domain/ids';
import { signBundle } from '@daam/shared/identity/bundle';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { sampleAudience, sampleBundle, sampleId, sampleNow } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CacheExpectation,
  readBundleCache,
  removeBundleCache,
  writeBundleCache,
} from './bundle-cache.ts';

const key = generateSigningKey();
const expected: CacheExpectation = {
  keys: [key.publicKey],
  audience: sampleAudience,
  epoch: 3,
  now: sampleNow,
};

let folder: string;
let path: string;
let jws: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-cache-'));
  path = join(folder, 'state', 'policy-bundle.json');
  jws = await signBundle(sampleBundle(key, { epoch: 3 }), key);
  await writeBundleCache(path, jws);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function reasonFor(changes: Partial<CacheExpectation> = {}): Promise<string | null> {
  return (await readBundleCache(path, { ...expected, ...changes })).reason;
}

async function reasonOf(content: string | Uint8Array): Promise<string | null> {
  await writeFile(path, content);
  return await reasonFor();
}

describe('the cache of the policy bundle', () => {
  it('gives back what was put in, from a file that only its owner may read', async () => {
    const { bundle, reason } = await readBundleCache(path, expected);
    expect([bundle?.epoch, reason]).toEqual([3, null]);
    expect(await readFile(path, 'utf8')).toBe(`${jws}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700);
  });

  it('leaves no temporary file, also over one that a crash left', async () => {
    await writeFile(`${path}.tmp`, 'half');
    await writeBundleCache(path, jws);
    expect(await readdir(join(folder, 'state'))).toEqual(['policy-bundle.json']);
  });

  it('keeps the old content when the new one cannot be written', async () => {
    await mkdir(`${path}.tmp`);
    await expect(writeBundleCache(path, 'new')).rejects.toMatchObject({ code: 'ERR_FS_EISDIR' });
    expect(await reasonFor()).toBeNull();
  });

  it('refuses a text with any one bit flipped', async () => {
    const good = Buffer.from(`${jws}\n`);
    const accepted: number[] = [];
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad.writeUInt8(good.readUInt8(at) ^ (1 << (at % 8)), at);
      if ((await reasonOf(bad)) === null) accepted.push(at);
    }
    expect(accepted).toEqual([]);
  });

  it('refuses a text that was cut anywhere', async () => {
    const accepted: number[] = [];
    for (let length = jws.length - 1; length >= 0; length -= 1) {
      await truncate(path, length);
      if ((await reasonFor()) === null) accepted.push(length);
    }
    expect(accepted).toEqual([]);
  });

  it('refuses a text with something before or after it', async () => {
    expect(await reasonOf(jws)).toBeNull();
    for (const text of [
      ` ${jws}`,
      `${jws} `,
      `${jws}\n\n`,
      `${jws}\r\n`,
      `${jws}.`,
      `${jws}${jws}`,
      `\0${jws}`,
    ]) {
      expect(await reasonOf(text)).toBe('INVALID_POLICY');
    }
  });

  it('refuses another organization, database or agent', async () => {
    const others = [
      { ...sampleAudience, org: sampleId<OrgId>(90) },
      { ...sampleAudience, database: sampleId<DatabaseId>(91) },
      { ...sampleAudience, agent: sampleId<AgentId>(92) },
    ];
    for (const audience of others) expect(await reasonFor({ audience })).toBe('INVALID_POLICY');
  });

  it('refuses a signature by a key that is not pinned', async () => {
    expect(await reasonFor({ keys: [generateSigningKey().publicKey] })).toBe('INVALID_SIGNATURE');
    expect(await reasonFor({ keys: [] })).toBe('INVALID_SIGNATURE');
  });

  it('refuses an epoch below the highest one seen', async () => {
    expect(await reasonFor({ epoch: 4 })).toBe('STALE_EPOCH');
    expect(await reasonFor({ epoch: 2 })).toBeNull();
  });

  it('does not expire', async () => {
    expect(await reasonFor({ now: sampleNow + 10 * 365 * 86_400_000 })).toBeNull();
  });

  it('tells absent, unreadable and too large apart from a forgery', async () => {
    await truncate(path, 17 * 1024 * 1024);
    expect(await reasonFor()).toBe('unreadable');
    await removeBundleCache(path);
    await removeBundleCache(path);
    expect(await reasonFor()).toBe('absent');
    await mkdir(path);
    expect(await reasonFor()).toBe('unreadable');
  });

  it('narrows a mode that something widened', async () => {
    await chmod(path, 0o664);
    expect(await reasonFor()).toBeNull();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('does not write into a folder where everyone could exchange the file', async () => {
    await chmod(join(folder, 'state'), 0o777);
    expect(await codeOfAsync(writeBundleCache(path, jws))).toBe('INVALID_CONFIG');
  });
});
