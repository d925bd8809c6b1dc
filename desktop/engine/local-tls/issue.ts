/**
 * A certificate authority for this device alone, and the certificate of its local ports. The authority can vouch for
 * nothing but this machine's loopback addresses: its own certificate says so (RFC 5280 section 4.2.1.10), so that it is of
 * no use to whoever steals its key, even where a person trusts it.
 */
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

const day = 86_400_000;
/** Lifetimes, and how long before its end a leaf is made anew. Milliseconds. */
export const lifetimes = { ca: 3_650 * day, leaf: 90 * day, renewBefore: 30 * day } as const;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
// The global one, because its types are the ones that the library of certificates means, in every program.
const { subtle } = globalThis.crypto;

/** A new authority. `name` is what a person sees in a list of authorities: it has no comma or quote. */
export async function makeAuthority(name: string, now: number): Promise<Issued> {
  const keys = await makeKeys();
  const common = `CN=DAAM local ports of ${name.replaceAll(/[^A-Za-z0-9._ -]/g, '-').slice(0, 40)}`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: common,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - day),
    notAfter: new Date(now + lifetimes.ca),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      new Extension('2.5.29.30', true, new Uint8Array(loopbackOnly())),
      await SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await keyPem(keys.privateKey) };
}

/** A new certificate for `localhost`, 127.0.0.1 and ::1. */
export async function makeLeaf(authority: Issued, now: number): Promise<Issued> {
  const issuer = new X509Certificate(authority.certificate);
  const [der] = PemConverter.decode(authority.key);
  if (der === undefined) throw new TypeError('the authority has no key');
  const signingKey = await subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: 'CN=localhost',
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - day),
    notAfter: new Date(now + lifetimes.leaf),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth], false),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await AuthorityKeyIdentifierExtension.create(issuer, false),
      await SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await keyPem(keys.privateKey) };
}

/** NameConstraints in DER: permitted are the name localhost, 127.0.0.1/32 and ::1/128. */
export function loopbackOnly(): Buffer {
  const name = Buffer.from('localhost');
  const v4 = Buffer.from('7f000001ffffffff', 'hex');
  const v6 = Buffer.concat([Buffer.alloc(15), Buffer.of(1), Buffer.alloc(16, 0xff)]);
  const subtrees = [der(0x82, name), der(0x87, v4), der(0x87, v6)].map((base) => der(0x30, base));
  return der(0x30, der(0xa0, Buffer.concat(subtrees)));
}

/** One element; its content is shorter than 128 bytes. */
function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

async function makeKeys() {
  return await subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function keyPem(key: Awaited<ReturnType<typeof makeKeys>>['privateKey']): Promise<string> {
  return PemConverter.encode(await subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** Positive, and never twice (RFC 5280 section 4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes.readUInt8(0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
