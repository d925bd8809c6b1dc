import { CompactSign } from 'jose';
import { describe, expect, it } from 'vitest';
import { codeOfAsync } from '../testing/code-of.ts';
import { sampleBundle, sampleCertificate, sampleGrant, sampleNow } from '../testing/identity-samples.ts';
import { documentTypes } from './claims.ts';
import { generateSigningKey, keyId, readSigningKey, signingKeyText } from './keys.ts';
import { signDocument } from './sign.ts';
import { verifyDocument } from './verify.ts';

const key = generateSigningKey();
const keys = [key.publicKey];
const seconds = sampleNow / 1000;

/** A certificate whose header and payload are whatever the test says, signed properly by the org's key. */
async function forge(header: Record<string, unknown>, payload: string): Promise<string> {
  return new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: 'EdDSA', typ: documentTypes.deviceCertificate, kid: key.kid, ...header })
    .sign(key.privateKey);
}

function verifyCertificate(jws: string, now = sampleNow): Promise<string | null> {
  return codeOfAsync(verifyDocument('deviceCertificate', jws, keys, now));
}

describe('signed documents', () => {
  it('come back as they were signed', async () => {
    const certificate = sampleCertificate();
    const grant = sampleGrant({ agent: null });
    const bundle = sampleBundle(key);
    const signed = await signDocument('deviceCertificate', certificate, key);
    expect(await verifyDocument('deviceCertificate', signed, keys, sampleNow)).toEqual(certificate);
    const signedGrant = await signDocument('databaseGrant', grant, key);
    expect(await verifyDocument('databaseGrant', signedGrant, keys, sampleNow)).toEqual(grant);
    const signedBundle = await signDocument('policyBundle', bundle, key);
    expect(await verifyDocument('policyBundle', signedBundle, keys, sampleNow)).toEqual(bundle);
  });

  it('are refused after any one bit of any character has changed', async () => {
    const jws = await signDocument('databaseGrant', sampleGrant(), key);
    const accepted: string[] = [];
    for (let at = 0; at < jws.length; at++) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
        const changed = jws.slice(0, at) + String.fromCharCode(jws.charCodeAt(at) ^ bit) + jws.slice(at + 1);
        const code = await codeOfAsync(verifyDocument('databaseGrant', changed, keys, sampleNow));
        if (code === null) accepted.push(changed);
      }
    }
    expect(accepted).toEqual([]);
  });

  it('are refused after truncation at any length', async () => {
    const jws = await signDocument('databaseGrant', sampleGrant(), key);
    for (let length = 0; length < jws.length; length++) {
      const code = await codeOfAsync(verifyDocument('databaseGrant', jws.slice(0, length), keys, sampleNow));
      expect(code).not.toBeNull();
    }
  });

  it('cannot pass as another kind of document', async () => {
    const certificate = await signDocument('deviceCertificate', sampleCertificate(), key);
    const grant = await signDocument('databaseGrant', sampleGrant(), key);
    expect(await verifyCertificate(grant)).toBe('INVALID_CERTIFICATE');
    expect(await codeOfAsync(verifyDocument('databaseGrant', certificate, keys, sampleNow))).toBe(
      'INVALID_CERTIFICATE',
    );
    expect(await codeOfAsync(verifyDocument('policyBundle', certificate, keys, sampleNow))).toBe(
      'INVALID_POLICY',
    );
  });

  it('are refused when signed by a key that is not held, or by another key under a known name', async () => {
    const other = generateSigningKey();
    const foreign = await signDocument('deviceCertificate', sampleCertificate(), other);
    expect(await verifyCertificate(foreign)).toBe('INVALID_SIGNATURE');
    const disguised = await signDocument('deviceCertificate', sampleCertificate(), {
      ...other,
      kid: key.kid,
    });
    expect(await verifyCertificate(disguised)).toBe('INVALID_SIGNATURE');
  });

  it('are refused with an unsigned, symmetric or extended header', async () => {
    const jws = await signDocument('deviceCertificate', sampleCertificate(), key);
    const [, payload = '', signature = ''] = jws.split('.');
    const base = { alg: 'EdDSA', typ: documentTypes.deviceCertificate, kid: key.kid };
    for (const change of [
      { alg: 'none' },
      { alg: 'HS256' },
      { alg: 'Ed25519' },
      { jwk: key.publicKey },
      { kid: 5 },
    ]) {
      const header = Buffer.from(JSON.stringify({ ...base, ...change })).toString('base64url');
      expect(await verifyCertificate(`${header}.${payload}.${signature}`)).toBe('INVALID_CERTIFICATE');
    }
    const payloadText = JSON.stringify(sampleCertificate());
    expect(await verifyCertificate(await forge({ jku: 'https://example.com' }, payloadText))).toBe(
      'INVALID_CERTIFICATE',
    );
  });

  it('are refused when a claim is missing, unknown or of the wrong kind, whoever signed', async () => {
    const certificate = sampleCertificate();
    const { jti: _, ...missing } = certificate;
    const wrong = [
      missing,
      { ...certificate, scope: 'x' },
      { ...certificate, wgKey: 'short' },
      { ...certificate, user: 'me' },
      null,
      'text',
      [],
    ];
    for (const claims of wrong) {
      expect(await verifyCertificate(await forge({}, JSON.stringify(claims)))).toBe('INVALID_CERTIFICATE');
    }
    expect(await verifyCertificate(await forge({}, '{"a":'))).toBe('INVALID_CERTIFICATE');
  });

  it('expire, with 60 seconds for clocks that differ', async () => {
    const jws = await forge({}, JSON.stringify(sampleCertificate({ exp: seconds + 100 })));
    expect(await verifyCertificate(jws, sampleNow + 159_000)).toBeNull();
    expect(await verifyCertificate(jws, sampleNow + 160_000)).toBe('EXPIRED_CERTIFICATE');
    const early = await forge({}, JSON.stringify(sampleCertificate({ iat: seconds + 60 })));
    expect(await verifyCertificate(early)).toBeNull();
    expect(await verifyCertificate(early, sampleNow - 1_000)).toBe('INVALID_CERTIFICATE');
  });

  it('are refused when they claim to live too long, or to end before they begin', async () => {
    const long = sampleCertificate({ exp: seconds + 25 * 3_600 });
    const backwards = sampleCertificate({ iat: seconds, exp: seconds });
    expect(await verifyCertificate(await forge({}, JSON.stringify(long)))).toBe('INVALID_CERTIFICATE');
    expect(await verifyCertificate(await forge({}, JSON.stringify(backwards)))).toBe('INVALID_CERTIFICATE');
  });

  it('are not made at all with claims that a verifier would refuse', async () => {
    const grant = sampleGrant({ certificateHash: 'short' });
    expect(await codeOfAsync(signDocument('databaseGrant', grant, key))).toBe('INVALID_INPUT');
  });
});

describe('signing keys', () => {
  it('survive being written and read, and are named by their thumbprint', () => {
    expect(readSigningKey(signingKeyText(key)).publicKey).toEqual(key.publicKey);
    // RFC 8037, appendix A.3
    expect(keyId('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')).toBe(
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    );
  });

  it('are refused when the text is not one key of 32 bytes', () => {
    for (const text of ['', 'abc', `${signingKeyText(key)}A`, `${'A'.repeat(42)}B`]) {
      expect(() => readSigningKey(text)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    }
  });
});
