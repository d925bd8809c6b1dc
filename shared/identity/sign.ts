import { CompactSign } from 'jose';
import { AppError } from '../errors/app-error.ts';
import { documentTypes } from './claims.ts';
import { type DocumentClaims, type DocumentKind, documentRules, parseClaims } from './documents.ts';
import type { SigningKey } from './keys.ts';

/**
 * Signs a document: JWS compact (RFC 7515), EdDSA over Ed25519 (RFC 8037), with the document's own `typ`
 * and the key's `kid` in the protected header. Claims that a verifier would refuse are refused here
 * already, as INVALID_INPUT; a document above its ceiling is TOO_LARGE.
 */
export async function signDocument<Kind extends DocumentKind>(
  kind: Kind,
  claims: DocumentClaims[Kind],
  key: SigningKey,
): Promise<string> {
  const { reason } = parseClaims(kind, claims);
  if (reason !== null) throw new AppError('INVALID_INPUT', { detail: `${kind}: ${reason}` });
  const jws = await new CompactSign(Buffer.from(JSON.stringify(claims), 'utf8'))
    .setProtectedHeader({ alg: 'EdDSA', typ: documentTypes[kind], kid: key.kid })
    .sign(key.privateKey);
  if (jws.length > documentRules[kind].maxBytes) throw new AppError('TOO_LARGE', { detail: kind });
  return jws;
}
