import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.ts';
import type { EffectivePolicy } from './effective-policy.ts';

/**
 * Names an effective policy by its content: hex, 32 characters (the first half of SHA-256 over the
 * canonical JSON). Equal policies have equal fingerprints whatever the order they were merged in.
 */
export function policyFingerprint(policy: EffectivePolicy): string {
  return createHash('sha256')
    .update('daam effective policy v1\n')
    .update(canonicalJson(policy))
    .digest('hex')
    .slice(0, 32);
}
