import { describe, expect, it } from 'vitest';
import { bytes, cstring, int32, packet } from '../testing/byte-builder.ts';
import { codeOf } from '../testing/code-of.ts';
import { encodeCancelRequest } from './cancel-request.ts';
import { encodeGssEncRequest } from './gssenc-request.ts';
import { encodeSslRequest } from './ssl-request.ts';
import { encodeStartup } from './startup.ts';
import { decodeStartupPacket } from './startup-packet.ts';
import { StartupReader } from './startup-reader.ts';

const v30 = 196_608;
const v32 = 196_610;

function startupOf(...parts: readonly (number | string | Uint8Array)[]): string | null {
  return codeOf(() => decodeStartupPacket(packet(v30, bytes(...parts))));
}

describe('decodeStartupPacket', () => {
  it('reads the version and the parameters in order', () => {
    const decoded = decodeStartupPacket(
      packet(v32, bytes(cstring('user'), cstring('ü'), cstring('options'), cstring(''), 0)),
    );
    if (decoded.kind !== 'startup') throw new Error(decoded.kind);
    expect(decoded.startup.protocol).toEqual({ major: 3, minor: 2 });
    expect([...decoded.startup.parameters]).toEqual([
      ['user', 'ü'],
      ['options', ''],
    ]);
  });

  it('comes back to the byte', () => {
    const sent = packet(v30, bytes(cstring('user'), cstring('dev'), cstring('database'), cstring('shop'), 0));
    const decoded = decodeStartupPacket(sent);
    if (decoded.kind !== 'startup') throw new Error(decoded.kind);
    expect(encodeStartup(decoded.startup)).toEqual(sent);
  });

  it('refuses a parameter that comes twice, also with the same value', () => {
    expect(startupOf(cstring('user'), cstring('a'), cstring('user'), cstring('b'), 0)).toBe(
      'PROTOCOL_VIOLATION',
    );
    expect(startupOf(cstring('user'), cstring('a'), cstring('user'), cstring('a'), 0)).toBe(
      'PROTOCOL_VIOLATION',
    );
  });

  it('refuses an empty name, a missing terminator and trailing bytes', () => {
    expect(startupOf(cstring('user'), cstring('a'), 0)).toBeNull();
    expect(startupOf(cstring('user'), cstring('a'), cstring(''), cstring('x'), 0)).toBe('PROTOCOL_VIOLATION');
    expect(startupOf(cstring('user'), cstring('a'))).toBe('PROTOCOL_VIOLATION');
    expect(startupOf(cstring('user'), 'a')).toBe('PROTOCOL_VIOLATION');
    expect(startupOf(cstring('user'), 0)).toBe('PROTOCOL_VIOLATION');
    expect(startupOf(cstring('user'), cstring('a'), 0, 0)).toBe('PROTOCOL_VIOLATION');
    expect(startupOf()).toBe('PROTOCOL_VIOLATION');
  });

  it('refuses names and values that are not UTF-8', () => {
    expect(startupOf(cstring('user'), 0xff, 0, 0)).toBe('INVALID_ENCODING');
    expect(startupOf(0xc3, 0, cstring('a'), 0)).toBe('INVALID_ENCODING');
  });

  it.each([0, 65_536, 131_072, 262_144, 80_877_105])('refuses the version code %i', (code) => {
    expect(codeOf(() => decodeStartupPacket(packet(code, Buffer.from([0]))))).toBe('UNSUPPORTED');
  });

  it('tells the three requests apart', () => {
    expect(decodeStartupPacket(encodeSslRequest()).kind).toBe('ssl-request');
    expect(decodeStartupPacket(encodeGssEncRequest()).kind).toBe('gssenc-request');
    const cancel = { pid: 4_294_967_295, secret: Buffer.alloc(32, 7) };
    expect(decodeStartupPacket(encodeCancelRequest(cancel))).toEqual({ kind: 'cancel-request', cancel });
  });

  it('refuses bytes inside a request for encryption', () => {
    expect(codeOf(() => decodeStartupPacket(packet(80_877_103, Buffer.from([0]))))).toBe(
      'PROTOCOL_VIOLATION',
    );
  });

  it.each([0, 3, 257])('refuses a cancel key of %i bytes', (size) => {
    const sent = packet(80_877_102, bytes(int32(1), Buffer.alloc(size)));
    expect(codeOf(() => decodeStartupPacket(sent))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(() => encodeCancelRequest({ pid: 1, secret: Buffer.alloc(size) }))).toBe(
      'PROTOCOL_VIOLATION',
    );
  });

  it.each([4, 256])('accepts a cancel key of %i bytes', (size) => {
    expect(
      codeOf(() => decodeStartupPacket(packet(80_877_102, bytes(int32(1), Buffer.alloc(size))))),
    ).toBeNull();
  });

  it('refuses to encode a parameter without a name', () => {
    const parameters = new Map([['', 'x']]);
    expect(codeOf(() => encodeStartup({ protocol: { major: 3, minor: 0 }, parameters }))).toBe(
      'INVALID_INPUT',
    );
  });
});

describe('StartupReader', () => {
  it('waits for the whole packet and keeps what follows', () => {
    const reader = new StartupReader();
    const sent = Buffer.concat([encodeSslRequest(), Buffer.from('stuffed')]);
    for (const byte of sent.subarray(0, 7)) reader.push(Buffer.from([byte]));
    expect(reader.next()).toBeNull();
    reader.push(sent.subarray(7));
    expect(reader.next()).toEqual(encodeSslRequest());
    expect(reader.buffered).toBe(7);
    expect(reader.takeRest().toString()).toBe('stuffed');
    expect(reader.buffered).toBe(0);
  });

  it.each([
    [-1, 'PROTOCOL_VIOLATION'],
    [0, 'PROTOCOL_VIOLATION'],
    [7, 'PROTOCOL_VIOLATION'],
    [8, null],
    [10_000, null],
    [10_001, 'FRAME_TOO_LARGE'],
    [0x7fff_ffff, 'FRAME_TOO_LARGE'],
  ])('answers the length %i with %s before the packet is there', (length, code) => {
    const reader = new StartupReader();
    reader.push(int32(length));
    expect(codeOf(() => reader.next())).toBe(code);
  });

  it('refuses to collect without end', () => {
    const reader = new StartupReader();
    reader.push(Buffer.alloc(100_000));
    expect(codeOf(() => reader.push(Buffer.alloc(100_000)))).toBe('PROTOCOL_VIOLATION');
  });
});
