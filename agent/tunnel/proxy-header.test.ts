import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { readProxyHeader } from './proxy-header.ts';

/** The golden bytes of shared/wireguard/forward/forward_test.go. */
const golden = Buffer.from(
  `0d0a0d0a000d0a515549540a2111003d644000026440000` +
    `19c401538e00020${'aa'.repeat(32)}e1000572656c6179e20003010203`,
  'hex',
);
const secret = Buffer.of(1, 2, 3);
const refused = expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }) as Error;

describe('the header of a tunnel connection', () => {
  it('says who is at the other end, and where the connection itself begins', () => {
    expect(readProxyHeader(Buffer.concat([golden, Buffer.from('psql')]), secret)).toEqual({
      peer: { address: '100.64.0.2', key: Buffer.alloc(32, 0xaa).toString('base64url'), path: 'relay' },
      length: golden.length,
    });
  });

  it('is waited for until it is whole', () => {
    for (let length = 0; length < golden.length; length += 1) {
      expect(readProxyHeader(golden.subarray(0, length), secret)).toBeNull();
    }
  });

  it('is nothing with another secret, or without one', () => {
    expect(() => readProxyHeader(golden, Buffer.of(1, 2, 4))).toThrow(refused);
    expect(() => readProxyHeader(golden, Buffer.of(1, 2))).toThrow(refused);
  });

  it.each([0, 12, 13, 14, 28, 29, 63, 66, 71])('is nothing with byte %i changed', (at) => {
    const changed = Buffer.from(golden);
    changed.writeUInt8((changed[at] as number) ^ 0xff, at);
    expect(() => readProxyHeader(changed, secret)).toThrow(refused);
  });

  it('is never anything but a header, a wait or a refusal, whatever the bytes', () => {
    const faults: unknown[] = [];
    for (let seed = 1; seed < 3_000; seed += 1) {
      const changed = Buffer.from(golden);
      for (let turn = 0; turn < 3; turn += 1)
        changed.writeUInt8((seed * 7 + turn * 31) & 255, (seed * (turn + 3)) % golden.length);
      try {
        readProxyHeader(changed, secret);
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.code !== 'PROTOCOL_VIOLATION') faults.push(thrown);
      }
    }
    expect(faults).toEqual([]);
  });
});
