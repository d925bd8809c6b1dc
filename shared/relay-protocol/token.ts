import { CompactSign, compactVerify, importJWK } from 'jose';
import * as z from 'zod';
import { AppError } from '../errors/app-error.ts';
import type { OrgPublicKey, SigningKey } from '../identity/keys.ts';

/** `typ` in the JOSE header, so that no other document passes as a relay token. */
export const relayTokenType = 'daam-relay-token+jwt';

/** The longest that a token may claim to live, in seconds. */
export const maxTokenSeconds = 3_600;

const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const seconds = z.int().min(0);

/** Who may use which relay, as which key, to reach whom. Times are seconds since the Unix epoch. */
export const relayTokenSchema = z.strictObject({
  /** Name of the relay, as in its configuration. */
  relay: z.string().min(1).max(255),
  /** X25519 public key of the peer, base64url. */
  publicKey: bytes32,
  /** Public keys of the peers that it may reach. A peer may always answer one that may reach it. */
  counterparts: z.array(bytes32).max(256),
  iat: seconds,
  exp: seconds,
  jti: z.string().min(1).max(64),
});
export type RelayToken = z.infer<typeof relayTokenSchema>;

const headerSchema = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.literal(relayTokenType),
  kid: z.string().min(1).max(100),
});

/** Signs a token: JWS compact, EdDSA over Ed25519 (RFC 7515, RFC 8037). */
export function signRelayToken(token: RelayToken, key: SigningKey): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(relayTokenSchema.parse(token))))
    .setProtectedHeader({ alg: 'EdDSA', typ: relayTokenType, kid: key.kid })
    .sign(key.privateKey);
}

/**
 * Verifies a token for this relay. `now` is milliseconds since the Unix epoch. INVALID_SIGNATURE for an unknown key
 * or a wrong signature, EXPIRED_CERTIFICATE for one that has ended, INVALID_CERTIFICATE for all else.
 */
export async function verifyRelayToken(
  jws: string,
  options: { readonly keys: readonly OrgPublicKey[]; readonly relay: string; readonly now: number },
): Promise<RelayToken> {
  const key = options.keys.find(({ kid }) => kid === kidOf(jws));
  if (key === undefined) throw new AppError('INVALID_SIGNATURE', { detail: 'relay token: unknown key' });
  let payload: Uint8Array;
  try {
    const publicKey = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: key.x }, 'EdDSA');
    ({ payload } = await compactVerify(jws, publicKey, { algorithms: ['EdDSA'] }));
  } catch (cause) {
    throw new AppError('INVALID_SIGNATURE', { detail: 'relay token', cause });
  }
  const token = readClaims(payload);
  const now = Math.floor(options.now / 1000);
  if (token.exp <= now)
    throw new AppError('EXPIRED_CERTIFICATE', { message: 'The relay token has expired.' });
  if (token.iat > now + 60 || token.exp - token.iat > maxTokenSeconds) throw malformed('times');
  if (token.relay !== options.relay) throw malformed('another relay');
  return token;
}

function kidOf(jws: string): string {
  try {
    const text = Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString();
    return headerSchema.parse(JSON.parse(text)).kid;
  } catch (cause) {
    throw malformed('header', cause);
  }
}

function readClaims(payload: Uint8Array): RelayToken {
  try {
    return relayTokenSchema.parse(JSON.parse(Buffer.from(payload).toString()));
  } catch (cause) {
    throw malformed('claims', cause);
  }
}

function malformed(detail: string, cause?: unknown): AppError {
  return new AppError('INVALID_CERTIFICATE', {
    message: 'The relay token is not valid.',
    detail: `relay token: ${detail}`,
    cause,
  });
}
