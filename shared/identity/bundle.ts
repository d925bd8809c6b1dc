import { AppError } from '../errors/app-error.ts';
import type { PolicyBundle } from '../policy/bundle.ts';
import { keyId, type OrgPublicKey, type SigningKey } from './keys.ts';
import { signDocument } from './sign.ts';
import { verifyDocument } from './verify.ts';

/**
 * Policy bundles on their way from the control plane to an agent. The agent verifies with the keys that it
 * holds already (from its registration, later from the bundle in force), never with those that the bundle
 * brings: a new organization key becomes known by being listed in a bundle that an old key signed.
 */

/** What an agent knows of itself, to refuse what was made for another. */
export interface BundleAudience {
  readonly org: string;
  readonly database: string;
  readonly agent: string;
}

/** Signs a bundle. The signing key must be among those listed, or the agent could not verify the next one. */
export async function signBundle(bundle: PolicyBundle, key: SigningKey): Promise<string> {
  if (!bundle.orgKeys.some(({ kid, x }) => kid === key.kid && x === key.publicKey.x)) {
    throw new AppError('INVALID_INPUT', { detail: 'policyBundle: the signing key is not in orgKeys' });
  }
  return signDocument('policyBundle', bundle, key);
}

/**
 * Verifies a bundle with the pinned `keys` and that it is meant for this agent. `now` is milliseconds
 * since the Unix epoch. Throws INVALID_SIGNATURE, INVALID_POLICY; epochs are the caller's to compare.
 */
export async function verifyBundle(
  jws: string,
  keys: readonly OrgPublicKey[],
  audience: BundleAudience,
  now: number,
): Promise<PolicyBundle> {
  const bundle = await verifyDocument('policyBundle', jws, keys, now);
  if (
    bundle.org !== audience.org ||
    bundle.database.id !== audience.database ||
    bundle.agent !== audience.agent
  ) {
    throw new AppError('INVALID_POLICY', { detail: 'policyBundle: made for another agent' });
  }
  // A kid is the thumbprint of its key, so that a bundle cannot put another key under a known name.
  if (bundle.orgKeys.some(({ kid, x }) => keyId(x) !== kid)) {
    throw new AppError('INVALID_POLICY', { detail: 'policyBundle: a kid is not the thumbprint of its key' });
  }
  return bundle;
}
