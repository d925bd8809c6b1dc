import { describe, expect, it } from 'vitest';
import { bytes, cstring, int32 } from '../testing/byte-builder.ts';
import { codeOf } from '../testing/code-of.ts';
import {
  decodeNegotiateProtocolVersion,
  encodeNegotiateProtocolVersion,
  negotiationFor,
} from './negotiate-protocol-version.ts';

function startup(minor: number, names: readonly string[] = []): Parameters<typeof negotiationFor>[0] {
  return {
    protocol: { major: 3, minor },
    parameters: new Map(['user', ...names].map((name) => [name, 'x'])),
  };
}

describe('negotiationFor', () => {
  it.each([0, 2])('has nothing to say to a client that asks for 3.%i', (minor) => {
    expect(negotiationFor(startup(minor))).toBeNull();
  });

  it.each([3, 9_999, 65_535])('offers 3.2 to a client that asks for 3.%i', (minor) => {
    expect(negotiationFor(startup(minor))).toEqual({ protocol: { major: 3, minor: 2 }, unrecognized: [] });
  });

  it('names protocol options, all of which are unknown, and keeps the version that was asked for', () => {
    expect(negotiationFor(startup(0, ['_pq_.a', 'options', '_pq_.b']))).toEqual({
      protocol: { major: 3, minor: 0 },
      unrecognized: ['_pq_.a', '_pq_.b'],
    });
  });

  it('never names more options than a client may be made to read', () => {
    const names = Array.from({ length: 500 }, (_, i) => `_pq_.${i}`);
    expect(negotiationFor(startup(0, names))?.unrecognized.length).toBe(128);
  });
});

describe('NegotiateProtocolVersion', () => {
  it('survives a round trip', () => {
    const message = { protocol: { major: 3, minor: 2 }, unrecognized: ['_pq_.a'] };
    expect(decodeNegotiateProtocolVersion(encodeNegotiateProtocolVersion(message).subarray(5))).toEqual(
      message,
    );
  });

  it('is refused when it counts more options than it holds, or absurdly many', () => {
    const body = (count: number): Buffer => bytes(int32(196_608), int32(count), cstring('_pq_.a'));
    expect(codeOf(() => decodeNegotiateProtocolVersion(body(2)))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(() => decodeNegotiateProtocolVersion(body(-1)))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(() => decodeNegotiateProtocolVersion(body(129)))).toBe('PROTOCOL_VIOLATION');
  });
});
