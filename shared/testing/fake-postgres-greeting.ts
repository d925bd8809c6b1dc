import { createHash, createHmac, pbkdf2Sync, X509Certificate } from 'node:crypto';
import { encodeAuthentication } from '../pgwire/authentication.ts';
import { encodeBackendKeyData } from '../pgwire/backend-key-data.ts';
import { encodeParameterStatus } from '../pgwire/parameter-status.ts';
import { encodeReadyForQuery } from '../pgwire/ready-for-query.ts';
import { decodeSaslInitialResponse } from '../pgwire/sasl-initial-response.ts';
import type { FakePeer } from './fake-postgres.ts';

/** What an honest server sends once a client is authenticated. `key` is the cancel key. */
export function greeting(key: Buffer = Buffer.from([1, 2, 3, 4]), serverVersion = '18.4'): Buffer {
  return Buffer.concat([
    encodeAuthentication({ kind: 'ok' }),
    encodeParameterStatus({ name: 'server_version', value: serverVersion }),
    encodeParameterStatus({ name: 'client_encoding', value: 'UTF8' }),
    encodeBackendKeyData({ pid: 4_242, secret: key }),
    encodeReadyForQuery('idle'),
  ]);
}

/** How the server plays SCRAM; everything not given is honest. */
export interface FakeScram {
  readonly password: string;
  readonly mechanisms?: readonly string[];
  /** PEM certificate to check channel binding against. */
  readonly certificate?: string;
  /** Replaces the server-first-message that would be honest. */
  readonly serverFirst?: (honest: string, clientNonce: string) => string;
  /** Replaces the server-final-message that would be honest. */
  readonly serverFinal?: (honest: string) => string;
}

/** What the client did. */
export interface ScramOutcome {
  readonly mechanism: string;
  readonly gs2Header: string;
  /** Whether the client proved that it knows the password and bound to the right certificate. */
  readonly isValid: boolean;
}

/**
 * The server's part of RFC 5802, written apart from the client that it tests. Sends everything up to the
 * server-final-message, which a server would only send to a valid client; AuthenticationOk is left to `greeting`.
 */
export async function authenticateScram(peer: FakePeer, options: FakeScram): Promise<ScramOutcome> {
  peer.send(encodeAuthentication({ kind: 'sasl', mechanisms: options.mechanisms ?? ['SCRAM-SHA-256'] }));
  const { mechanism, data } = decodeSaslInitialResponse((await peer.next()).body);
  const clientFirst = data?.toString() ?? '';
  const gs2Header = /^[^,]*,[^,]*,/.exec(clientFirst)?.[0] ?? '';
  const clientFirstBare = clientFirst.slice(gs2Header.length);
  const clientNonce = /r=(.*)$/.exec(clientFirstBare)?.[1] ?? '';
  const salt = Buffer.from('0123456789abcdef');
  const honestFirst = `r=${clientNonce}server,s=${salt.toString('base64')},i=4096`;
  const serverFirst = options.serverFirst?.(honestFirst, clientNonce) ?? honestFirst;
  peer.send(encodeAuthentication({ kind: 'sasl-continue', data: Buffer.from(serverFirst) }));
  const clientFinal = (await peer.next()).body.toString();
  const [withoutProof = '', proof = ''] = clientFinal.split(',p=');
  const salted = pbkdf2Sync(options.password, salt, 4_096, 32, 'sha256');
  const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const authMessage = `${clientFirstBare},${serverFirst},${withoutProof}`;
  const storedKey = createHash('sha256').update(mac(salted, 'Client Key')).digest();
  const signature = mac(storedKey, authMessage);
  const clientKey = Buffer.from(Buffer.from(proof, 'base64').map((byte, i) => byte ^ (signature[i] ?? 0)));
  const isValid =
    createHash('sha256').update(clientKey).digest().equals(storedKey) &&
    withoutProof === `c=${expectedBinding(gs2Header, options.certificate)},r=${clientNonce}server`;
  const honestFinal = `v=${mac(mac(salted, 'Server Key'), authMessage).toString('base64')}`;
  const serverFinal = options.serverFinal?.(honestFinal) ?? honestFinal;
  peer.send(encodeAuthentication({ kind: 'sasl-final', data: Buffer.from(serverFinal) }));
  return { mechanism, gs2Header, isValid };
}

function expectedBinding(gs2Header: string, certificate: string | undefined): string {
  const header = Buffer.from(gs2Header);
  if (certificate === undefined) return header.toString('base64');
  const parsed = new X509Certificate(certificate);
  const hash = parsed.signatureAlgorithm?.toLowerCase().includes('sha384') === true ? 'sha384' : 'sha256';
  return Buffer.concat([header, createHash(hash).update(parsed.raw).digest()]).toString('base64');
}
