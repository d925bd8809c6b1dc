import { generateKeyPairSync, sign } from 'node:crypto';

/** PEM texts of a key and of a certificate that signed itself: server and CA in one, for tests. */
export interface TestCertificate {
  readonly key: string;
  readonly certificate: string;
}

const tags = {
  integer: 0x02,
  bitString: 0x03,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
};
const commonName = Buffer.from('550403', 'hex');
const subjectAltName = Buffer.from('551d11', 'hex');
const basicConstraints = Buffer.from('551d13', 'hex');
const ecdsaWithSha256 = Buffer.from('2a8648ce3d040302', 'hex');
const ecdsaWithSha384 = Buffer.from('2a8648ce3d040303', 'hex');

/** A certificate for a DNS name (ECDSA P-256), valid from 2020 to 2049. `hash` is that of its signature. */
export function selfSignedCertificate(
  dnsName: string,
  hash: 'sha256' | 'sha384' = 'sha256',
): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tags.sequence, der(tags.oid, hash === 'sha256' ? ecdsaWithSha256 : ecdsaWithSha384));
  const name = der(
    tags.sequence,
    der(tags.set, der(tags.sequence, der(tags.oid, commonName), der(tags.utf8, Buffer.from(dnsName)))),
  );
  const time = (text: string): Buffer => der(tags.utcTime, Buffer.from(text));
  const body = der(
    tags.sequence,
    der(0xa0, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, Buffer.from([1])),
    algorithm,
    name,
    der(tags.sequence, time('200101000000Z'), time('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(tags.sequence, isAuthority(), alternativeName(dnsName))),
  );
  const signature = sign(hash, body, privateKey);
  const whole = der(tags.sequence, body, algorithm, der(tags.bitString, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function isAuthority(): Buffer {
  const value = der(tags.sequence, Buffer.from([0x01, 0x01, 0xff]));
  return der(
    tags.sequence,
    der(tags.oid, basicConstraints),
    Buffer.from([0x01, 0x01, 0xff]),
    der(0x04, value),
  );
}

function alternativeName(dnsName: string): Buffer {
  const value = der(tags.sequence, der(0x82, Buffer.from(dnsName)));
  return der(tags.sequence, der(tags.oid, subjectAltName), der(0x04, value));
}

/** One DER element: tag, length, contents. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, content]);
}
