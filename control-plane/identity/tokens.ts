import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '@daam/shared/base/secret';

/**
 * Bearer tokens: 32 random bytes behind a prefix that says what the token is for, so that a secret scanner
 * (and a person) recognizes it. Only the SHA-256 is stored: at 256 bits of entropy nothing slower is needed.
 */
export const tokenPrefixes = {
  /** A user's API token. */
  person: 'daam_pat_',
  /** A service account's token. */
  service: 'daam_sat_',
  /** A device's access token, from a sign-in with a passkey. */
  access: 'daam_dat_',
  /** A browser's session, in a cookie. */
  session: 'daam_ses_',
  /** An agent's credential. */
  agent: 'daam_agt_',
  /** An agent's one-time registration token. */
  registration: 'daam_reg_',
} as const;
export type TokenKind = keyof typeof tokenPrefixes;

export interface NewToken {
  /** Shown once, never stored. */
  readonly token: Secret;
  readonly hash: string;
  /** The first characters, which may be shown later. */
  readonly prefix: string;
}

/** Makes a token. */
export function createToken(kind: TokenKind): NewToken {
  const text = tokenPrefixes[kind] + randomBytes(32).toString('base64url');
  return {
    token: new Secret(text),
    hash: hashToken(text),
    prefix: text.slice(0, tokenPrefixes[kind].length + 4),
  };
}

/** base64url SHA-256 of a token's text. */
export function hashToken(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Whether a text has the form of such a token; says nothing about whether it is valid. */
export function isTokenOf(kind: TokenKind, text: string): boolean {
  const prefix = tokenPrefixes[kind];
  return text.startsWith(prefix) && /^[A-Za-z0-9_-]{43}$/.test(text.slice(prefix.length));
}
