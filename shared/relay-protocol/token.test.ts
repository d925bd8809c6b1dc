import { CompactSign } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSigningKey } from '../identity/keys.ts';
import { codeOfAsync } from '../testing/code-of.ts';
import { type RelayToken, relayTokenType, signRelayToken, verifyRelayToken } from './token.ts';

const key = generateSigningKey();
const now = Date.UTC(2030, 0, 1);
const seconds = now / 1000;
const token: RelayToken = {
  relay: 'relay-1',
  publicKey: 'A'.repeat(43),
  counterparts: ['B'.repeat(42) + 'A'],
  iat: seconds,
  exp: seconds + 600,
  jti: 'token-1',
};

async function codeOfForged(header: object, claims: object): Promise<string | null> {
  const jws = await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', typ: relayTokenType, kid: key.kid, ...header })
    .sign(key.privateKey);
  return codeOfAsync(verifyRelayToken(jws, { keys: [key.publicKey], relay: 'relay-1', now }));
}

describe('relay tokens', () => {
  it('come back as they were signed', async () => {
    const jws = await signRelayToken(token, key);
    expect(await verifyRelayToken(jws, { keys: [key.publicKey], relay: 'relay-1', now })).toEqual(token);
  });

  it.each([
    ['another type of document', 'INVALID_CERTIFICATE', { typ: 'daam-database-grant+jwt' }, token],
    ['an unknown key', 'INVALID_SIGNATURE', { kid: 'other' }, token],
    ['another relay', 'INVALID_CERTIFICATE', {}, { ...token, relay: 'relay-2' }],
    ['an end that has come', 'EXPIRED_CERTIFICATE', {}, { ...token, iat: seconds - 60, exp: seconds }],
    ['too long a life', 'INVALID_CERTIFICATE', {}, { ...token, exp: seconds + 3_601 }],
    ['a start in the future', 'INVALID_CERTIFICATE', {}, { ...token, iat: seconds + 61 }],
    ['an unknown claim', 'INVALID_CERTIFICATE', {}, { ...token, admin: true }],
    ['a malformed key', 'INVALID_CERTIFICATE', {}, { ...token, publicKey: 'short' }],
  ])('are refused with %s', async (_, code, header, claims) => {
    expect(await codeOfForged(header, claims)).toBe(code);
  });

  it('are refused when one character is changed, anywhere', async () => {
    const jws = await signRelayToken(token, key);
    for (let at = 0; at < jws.length; at += 1) {
      const changed = jws.slice(0, at) + (jws[at] === 'A' ? 'Q' : 'A') + jws.slice(at + 1);
      const verified = verifyRelayToken(changed, { keys: [key.publicKey], relay: 'relay-1', now });
      expect(await codeOfAsync(verified)).not.toBeNull();
    }
  });
});
