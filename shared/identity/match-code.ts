import { createHash } from 'node:crypto';
import { utf8 } from '../base/bytes.ts';

/** No 0, 1, I, L, O, U: nothing that people mistake, and nothing that spells. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The two characters that app and browser both show while somebody signs in ("Does your app show K7?"). `codeChallenge`
 * is the one of RFC 7636, which both know before the ceremony.
 */
export function matchCode(codeChallenge: string): string {
  const hash = createHash('sha256').update('daam match code v1\0').update(utf8(codeChallenge)).digest();
  return [0, 4].map((offset) => alphabet[hash.readUInt32BE(offset) % alphabet.length]).join('');
}

/** What people compare of a device's key: 8 bytes of SHA-256 over the 32 bytes of the key, in groups of four. */
export function deviceKeyFingerprint(wgKey: string): string {
  const hash = createHash('sha256').update(Buffer.from(wgKey, 'base64url')).digest('hex');
  return (hash.slice(0, 16).match(/.{4}/g) ?? []).join(' ');
}
