/**
 * What the sidecar writes before the bytes of a connection that came through the tunnel: a PROXY protocol version 2 header
 * (its specification, section 2.2) with who is at the other end in TLVs of our own, and a secret, so that nothing else
 * that reaches the socket can speak for the tunnel. Its twin is shared/wireguard/forward/header.go.
 */
import { timingSafeEqual } from 'node:crypto';
import { type PathKind, pathKinds } from '@daam/shared/wireguard/sidecar-channel';
import { AppError } from '@daam/shared/errors/app-error';

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const fixedBytes = 16;
const addressBytes = 12;
const versionAndCommand = 0x21;
const tcpOverIpv4 = 0x11;
const tlvTypes = { peerKey: 0xe0, path: 0xe1, token: 0xe2 } as const;

/** More than the sidecar ever writes. Bytes. */
export const maxProxyHeaderBytes = 512;

/** Who is at the other end. */
export interface TunnelPeer {
  /** The device's address in the tunnel. */
  readonly address: string;
  /** X25519 public key, base64url. */
  readonly key: string;
  /** How packets went when the connection began. */
  readonly path: PathKind;
}

/**
 * The header at the front of `bytes` and how long it is; null when more bytes are needed. PROTOCOL_VIOLATION for what is no
 * header of the sidecar with this secret.
 */
export function readProxyHeader(
  bytes: Buffer,
  secret: Buffer,
): { readonly peer: TunnelPeer; readonly length: number } | null {
  const start = bytes.subarray(0, signature.length);
  if (!start.equals(signature.subarray(0, start.length))) throw violation('signature');
  if (bytes.length < fixedBytes) return null;
  const length = fixedBytes + bytes.readUInt16BE(14);
  if (bytes[12] !== versionAndCommand || bytes[13] !== tcpOverIpv4) throw violation('version or family');
  if (length > maxProxyHeaderBytes || length < fixedBytes + addressBytes) throw violation('length');
  if (bytes.length < length) return null;
  const tlvs = readTlvs(bytes.subarray(fixedBytes + addressBytes, length));
  const token = tlvs.get(tlvTypes.token) ?? Buffer.alloc(0);
  if (token.length !== secret.length || !timingSafeEqual(token, secret)) throw violation('token');
  const key = tlvs.get(tlvTypes.peerKey);
  const text = tlvs.get(tlvTypes.path)?.toString('latin1');
  const path = pathKinds.find((kind) => kind === text);
  if (key?.length !== 32 || path === undefined) throw violation('peer');
  const address = [...bytes.subarray(fixedBytes, fixedBytes + 4)].join('.');
  return { peer: { address, key: key.toString('base64url'), path }, length };
}

function readTlvs(bytes: Buffer): Map<number, Buffer> {
  const tlvs = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 3) throw violation('TLV');
    const type = bytes.readUInt8(at);
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > bytes.length || tlvs.has(type)) throw violation('TLV');
    tlvs.set(type, bytes.subarray(at + 3, end));
    at = end;
  }
  return tlvs;
}

function violation(detail: string): AppError {
  return new AppError('PROTOCOL_VIOLATION', { detail: `tunnel header: ${detail}` });
}
