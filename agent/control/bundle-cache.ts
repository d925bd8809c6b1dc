import { toAppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import { type BundleAudience, verifyBundle } from '@daam/shared/identity/bundle';
import type { OrgPublicKey } from '@daam/shared/identity/keys';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import { readPrivateFile, removePrivateFile, writePrivateFile } from './private-file.ts';

/**
 * The last bundle in force, kept for the time when the control plane is away. The file is the signed text as
 * it came, so that the signature is its integrity check; it holds no secret. It does not expire.
 */

/** As large as a bundle may be, and a line end. */
const maxCacheBytes = 16 * 1024 * 1024 + 1;

/** What a cached bundle must fit. */
export interface CacheExpectation {
  readonly keys: readonly OrgPublicKey[];
  readonly audience: BundleAudience;
  /** The highest epoch ever in force here: an older file was put back by someone. */
  readonly epoch: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** The cached bundle, or why there is none: `absent`, `unreadable`, or the code of what is wrong with it. */
export type CachedBundle =
  | { readonly bundle: PolicyBundle; readonly reason: null }
  | { readonly bundle: null; readonly reason: 'absent' | 'unreadable' | ErrorCode };

/** Reads and verifies the cache. Whatever is wrong with it is a reason, never an exception. */
export async function readBundleCache(path: string, expected: CacheExpectation): Promise<CachedBundle> {
  let text: string | null;
  try {
    text = await readPrivateFile(path, maxCacheBytes);
  } catch {
    return { bundle: null, reason: 'unreadable' };
  }
  if (text === null) return { bundle: null, reason: 'absent' };
  try {
    const jws = text.endsWith('\n') ? text.slice(0, -1) : text;
    const bundle = await verifyBundle(jws, expected.keys, expected.audience, expected.now);
    if (bundle.epoch < expected.epoch) return { bundle: null, reason: 'STALE_EPOCH' };
    return { bundle, reason: null };
  } catch (thrown) {
    return { bundle: null, reason: toAppError(thrown).code };
  }
}

/** Replaces the cache by a bundle that was verified, on the disk when it resolves. Throws what the file system says. */
export async function writeBundleCache(path: string, jws: string): Promise<void> {
  await writePrivateFile(path, `${jws}\n`);
}

/** Forgets the cache: an agent that was revoked must not start from it again. */
export async function removeBundleCache(path: string): Promise<void> {
  await removePrivateFile(path);
}
