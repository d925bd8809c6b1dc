import { compactVerify, importJWK } from 'jose';
import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { documentTypes } from './claims.ts';
import { type DocumentClaims, type DocumentKind, documentRules, parseClaims } from './documents.ts';
import type { OrgPublicKey } from './keys.ts';

/** How far the clocks of signer and verifier may differ, in seconds. */
export const clockSkewSeconds = 60;

/** The protected header: nothing else may be in it, no key and no address of one above all. */
const headerSchema = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.string().max(100),
  kid: z.string().min(1).max(100),
});

const malformedCodes = {
  deviceCertificate: 'INVALID_CERTIFICATE',
  databaseGrant: 'INVALID_CERTIFICATE',
  policyBundle: 'INVALID_POLICY',
} as const satisfies Record<DocumentKind, ErrorCode>;

/**
 * Verifies a document offline and returns its claims. In this order: size, form (each part in its one
 * canonical base64url text), header (EdDSA only, the document's own `typ`), the key by `kid` among `keys`,
 * signature, claims, times. `now` is milliseconds since the Unix epoch.
 *
 * Throws INVALID_SIGNATURE (unknown key or wrong signature), EXPIRED_CERTIFICATE, and for all else
 * INVALID_CERTIFICATE or, for a bundle, INVALID_POLICY.
 */
export async function verifyDocument<Kind extends DocumentKind>(
  kind: Kind,
  jws: string,
  keys: readonly OrgPublicKey[],
  now: number,
): Promise<DocumentClaims[Kind]> {
  const kid = readHeader(kind, jws);
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) {
    throw new AppError('INVALID_SIGNATURE', { detail: `${kind}: signed by a key that is not known here` });
  }
  const payload = await verifySignature(kind, jws, key);
  const { claims, reason } = parseClaims(kind, parseJson(kind, payload));
  if (claims === null) throw malformed(kind, reason ?? 'claims');
  checkTimes(kind, claims, Math.floor(now / 1000));
  return claims;
}

function readHeader(kind: DocumentKind, jws: string): string {
  if (jws.length > documentRules[kind].maxBytes) throw malformed(kind, 'too large');
  const parts = jws.split('.');
  if (parts.length !== 3 || !parts.every(isCanonicalBase64Url)) throw malformed(kind, 'not a compact JWS');
  const header = headerSchema.safeParse(parseJson(kind, Buffer.from(parts[0] ?? '', 'base64url')));
  if (!header.success) throw malformed(kind, 'the protected header is not as it must be');
  if (header.data.typ !== documentTypes[kind]) throw malformed(kind, 'it is another kind of document');
  return header.data.kid;
}

/** Another text of the same bytes would pass as a different document in caches and replay checks. */
function isCanonicalBase64Url(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

async function verifySignature(kind: DocumentKind, jws: string, key: OrgPublicKey): Promise<Uint8Array> {
  try {
    const publicKey = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: key.x }, 'EdDSA');
    const { payload } = await compactVerify(jws, publicKey, { algorithms: ['EdDSA'] });
    return payload;
  } catch (cause) {
    throw new AppError('INVALID_SIGNATURE', { detail: kind, cause });
  }
}

function parseJson(kind: DocumentKind, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw malformed(kind, 'not JSON', cause);
  }
}

function checkTimes(kind: DocumentKind, claims: DocumentClaims[DocumentKind], now: number): void {
  const issuedAt = 'issuedAt' in claims ? claims.issuedAt : claims.iat;
  if (issuedAt > now + clockSkewSeconds) throw malformed(kind, 'issued in the future: check the clocks');
  if (!('exp' in claims)) return;
  const { maxLifetime } = documentRules[kind];
  if (claims.exp <= claims.iat || (maxLifetime !== null && claims.exp - claims.iat > maxLifetime)) {
    throw malformed(kind, 'its lifetime is not allowed');
  }
  if (claims.exp + clockSkewSeconds <= now) throw expired(kind);
}

function expired(kind: DocumentKind): AppError {
  return kind === 'databaseGrant'
    ? new AppError('EXPIRED_CERTIFICATE', { message: 'The database grant has expired. Connect again.' })
    : new AppError('EXPIRED_CERTIFICATE');
}

function malformed(kind: DocumentKind, reason: string, cause?: unknown): AppError {
  return new AppError(malformedCodes[kind], { detail: `${kind}: ${reason}`, cause });
}
