import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import { isPublicKeyText, keyId, type OrgPublicKey, type SigningKey } from '../identity/keys.ts';

/**
 * What an organization signs about its audit log: Ed25519 (RFC 8032) with the organization's key over
 *
 *   "daam audit " kind " v1" LF canonical claims (RFC 8785)
 *
 * Not a JWS: a verifier of millions of lines works without promises, and no text of this form is the signing
 * input of a JWS, because that holds no spaces.
 */

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const seq = z.int().min(0);
const at = z.int().min(0);
const stream = z.string().min(1).max(100);

export const auditClaims = {
  /** A chain stood here at this time: record `seq` has this hash. */
  checkpoint: z.strictObject({ at, hash: hex64, org: z.uuid(), seq, stream }),
  /**
   * Records of a class were removed from a chain because they were received before `before`. `digest` is that
   * of the ranges (`purgeDigest`), so that no other record can be passed off as one of them.
   */
  purge: z.strictObject({
    at,
    before: at,
    class: z.enum(['connections', 'statements', 'activity']),
    digest: hex64,
    first: seq,
    id: z.uuid(),
    last: seq,
    org: z.uuid(),
    records: z.int().min(1),
    stream,
  }),
  /** All lines of an export before this one; the last seal says so. */
  seal: z.strictObject({
    digest: hex64,
    export: z.uuid(),
    isLast: z.boolean(),
    line: z.int().min(1),
    org: z.uuid(),
  }),
} as const;

export type AuditClaimKind = keyof typeof auditClaims;
export type AuditClaims<Kind extends AuditClaimKind> = z.infer<(typeof auditClaims)[Kind]>;
export type Checkpoint = AuditClaims<'checkpoint'>;
export type PurgeClaims = AuditClaims<'purge'>;

/** Claims with their signature, as they are stored, sent and written into an export. */
export interface Signed<Claims> {
  readonly claims: Claims;
  readonly kid: string;
  /** base64url. */
  readonly signature: string;
}

/** The schema of signed claims. */
export function signedSchema<Kind extends AuditClaimKind>(kind: Kind) {
  return z.strictObject({
    claims: auditClaims[kind],
    kid: z.string().min(1).max(100),
    signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
  });
}

/** Signs claims; claims of another form throw a ZodError. */
export function signClaims<Kind extends AuditClaimKind>(
  kind: Kind,
  claims: AuditClaims<Kind>,
  key: SigningKey,
): Signed<AuditClaims<Kind>> {
  const text = signedText(kind, auditClaims[kind].parse(claims));
  return { claims, kid: key.kid, signature: sign(null, text, key.privateKey).toString('base64url') };
}

/** Public keys, ready to verify. What is no key, or has not its own thumbprint as its id, is left out. */
export class AuditKeys {
  readonly #keys = new Map<string, KeyObject>();

  constructor(keys: readonly OrgPublicKey[]) {
    for (const { kid, x } of keys) {
      const key = keyId(x) === kid && isPublicKeyText(x) ? publicKeyOf(x) : null;
      if (key !== null) this.#keys.set(kid, key);
    }
  }

  /** The ids. */
  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** Whether one of the keys signed these claims. */
  verify<Kind extends AuditClaimKind>(kind: Kind, signed: Signed<AuditClaims<Kind>>): boolean {
    const key = this.#keys.get(signed.kid);
    if (key === undefined) return false;
    return verify(null, signedText(kind, signed.claims), key, Buffer.from(signed.signature, 'base64url'));
  }
}

function publicKeyOf(x: string): KeyObject | null {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return null;
  }
}

function signedText(kind: AuditClaimKind, claims: unknown): Buffer {
  return Buffer.from(`daam audit ${kind} v1\n${canonicalJson(claims)}`, 'utf8');
}
