/** STUN Binding (RFC 8489 sections 5, 6.3 and 14): as much as a server needs that only tells who asks. */
import { crc32 } from 'node:zlib';

const headerBytes = 20;
const magicCookie = 0x2112_a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const xorMappedAddress = 0x0020;
const fingerprint = 0x8028;
const fingerprintXor = 0x5354_554e;

/** Requests of real clients are far shorter. Bytes. */
export const maxRequestBytes = 576;

/**
 * The transaction id (with the cookie before it, 16 bytes) of a Binding request; null for whatever is none. A wrong
 * FINGERPRINT makes it none; other attributes are not looked at.
 */
export function readBindingRequest(packet: Buffer): Buffer | null {
  if (packet.length < headerBytes || packet.length > maxRequestBytes) return null;
  if (packet.readUInt16BE(0) !== bindingRequest || packet.readUInt32BE(4) !== magicCookie) return null;
  const length = packet.readUInt16BE(2);
  if (length % 4 !== 0 || length !== packet.length - headerBytes) return null;
  for (let at = headerBytes; at < packet.length; ) {
    if (packet.length - at < 4) return null;
    const size = packet.readUInt16BE(at + 2);
    const end = at + 4 + Math.ceil(size / 4) * 4;
    if (end > packet.length) return null;
    if (packet.readUInt16BE(at) === fingerprint) {
      const isRight = size === 4 && packet.readUInt32BE(at + 4) === checksum(packet.subarray(0, at));
      if (!isRight || end !== packet.length) return null;
    }
    at = end;
  }
  return packet.subarray(4, headerBytes);
}

/** The success response: XOR-MAPPED-ADDRESS and FINGERPRINT. `address` is IPv4 or IPv6 in its 4 or 16 bytes. */
export function bindingResponse(
  transaction: Buffer,
  seen: { readonly address: Buffer; readonly port: number },
): Buffer {
  const { address, port } = seen;
  const body = 8 + address.length;
  const packet = Buffer.alloc(headerBytes + body + 8);
  packet.writeUInt16BE(bindingSuccess, 0);
  packet.writeUInt16BE(body + 8, 2);
  transaction.copy(packet, 4);
  packet.writeUInt16BE(xorMappedAddress, headerBytes);
  packet.writeUInt16BE(4 + address.length, headerBytes + 2);
  packet.writeUInt8(address.length === 4 ? 1 : 2, headerBytes + 5);
  packet.writeUInt16BE(port ^ (magicCookie >>> 16), headerBytes + 6);
  for (const [at, byte] of address.entries()) {
    packet.writeUInt8(byte ^ (transaction[at] as number), headerBytes + 8 + at);
  }
  const end = headerBytes + body;
  packet.writeUInt16BE(fingerprint, end);
  packet.writeUInt16BE(4, end + 2);
  packet.writeUInt32BE(checksum(packet.subarray(0, end)), end + 4);
  return packet;
}

function checksum(bytes: Buffer): number {
  return (crc32(bytes) ^ fingerprintXor) >>> 0;
}

/** An address as Node writes it, in bytes; an IPv4 address in IPv6 clothes is IPv4. Null for what is none. */
export function addressBytes(text: string): Buffer | null {
  const bare = text.split('%')[0] ?? '';
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/i.exec(bare);
  if (v4 !== null) {
    const numbers = v4.slice(1).map(Number);
    return numbers.every((number) => number <= 255) ? Buffer.from(numbers) : null;
  }
  const [head = '', tail, ...more] = bare.split('::');
  if (more.length > 0 || !bare.includes(':')) return null;
  const left = groups(head);
  const right = groups(tail ?? '');
  if (left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const all = [...left, ...Array.from({ length: missing }, () => 0), ...right];
  const bytes = Buffer.alloc(16);
  for (const [at, group] of all.entries()) bytes.writeUInt16BE(group, at * 2);
  return bytes;
}

function groups(text: string): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  return parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))
    ? parts.map((part) => Number.parseInt(part, 16))
    : null;
}
