import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/**
 * The tls-server-end-point binding (RFC 5929 section 4.1): the server certificate's hash under its own signature's
 * hash function, MD5 and SHA-1 replaced by SHA-256. Null when there is no certificate or its signature algorithm
 * names no hash (Ed25519, RSASSA-PSS); binding is then not possible, in PostgreSQL either.
 */
export function tlsServerEndPoint(socket: TLSSocket): Buffer | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const hash = bindingHash(certificate.signatureAlgorithm ?? '');
  return hash === null ? null : createHash(hash).update(certificate.raw).digest();
}

/** The hash of a signature algorithm by its OpenSSL name: `sha256WithRSAEncryption`, `ecdsa-with-SHA384`. */
export function bindingHash(signatureAlgorithm: string): string | null {
  const match =
    /^(?:(md5|sha1|sha224|sha256|sha384|sha512)WithRSAEncryption|(?:ecdsa-with-|dsa_with_)(SHA\d+))$/i.exec(
      signatureAlgorithm,
    );
  if (match === null) return null;
  const name = (match[1] ?? match[2] ?? '').toLowerCase();
  return name === 'md5' || name === 'sha1' ? 'sha256' : name;
}
