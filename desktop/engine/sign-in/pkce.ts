import { createHash, randomBytes } from 'node:crypto';

/** What binds a code to who asked for it (RFC 7636), and an answer to its question (RFC 6749 section 10.12). */
export interface Pkce {
  /** Stays here until the code is exchanged. */
  readonly verifier: string;
  /** base64url SHA-256 of the verifier. */
  readonly challenge: string;
  readonly state: string;
}

/** New, from the operating system's randomness. */
export function makePkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return {
    verifier,
    challenge: createHash('sha256').update(verifier).digest('base64url'),
    state: randomBytes(24).toString('base64url'),
  };
}
