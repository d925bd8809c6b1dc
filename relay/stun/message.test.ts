import { describe, expect, it } from 'vitest';
import { addressBytes, bindingResponse, maxRequestBytes, readBindingRequest } from './message.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
/** The transaction of RFC 5769's samples. */
const transaction = hex('2112a442b7e7a701bc34d686fa87dfae');
const bare = Buffer.concat([hex('00010000'), transaction]);

describe('a STUN binding request', () => {
  it('is known by method and cookie', () => {
    expect(readBindingRequest(bare)).toEqual(transaction);
  });

  it('may carry attributes and a right fingerprint', () => {
    // RFC 5769 section 2.1: SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY, FINGERPRINT.
    const sample = hex(
      '000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff' +
        '80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f2' +
        '49c1b571a280280004e57a3bcf',
    );
    expect(readBindingRequest(sample)).toEqual(transaction);
    sample.writeUInt8(0, 30);
    expect(readBindingRequest(sample)).toBeNull();
  });

  it.each([
    ['a response', Buffer.concat([hex('01010000'), transaction])],
    ['another cookie', Buffer.concat([hex('00010000'), hex('00000000'), transaction.subarray(4)])],
    ['a length that is not the packet’s', Buffer.concat([hex('00010004'), transaction])],
    ['an attribute beyond the end', Buffer.concat([hex('00010004'), transaction, hex('80220010')])],
    ['nothing', Buffer.alloc(0)],
    ['too much', Buffer.alloc(maxRequestBytes + 1)],
  ])('is not %s', (_, packet) => {
    expect(readBindingRequest(packet)).toBeNull();
  });

  it('survives any bytes', () => {
    for (let seed = 0; seed < 2_000; seed += 1) {
      const packet = Buffer.concat([
        bare,
        Buffer.from(Array.from({ length: seed % 40 }, (_, at) => seed * at)),
      ]);
      packet.writeUInt16BE(packet.length - 20, 2);
      expect(() => readBindingRequest(packet)).not.toThrow();
    }
  });
});

describe('a STUN binding response', () => {
  it('tells an IPv4 address as RFC 5769 does', () => {
    const response = bindingResponse(transaction, { address: hex('c0000201'), port: 32_853 });
    expect(response.subarray(20, 32).toString('hex')).toBe('002000080001a147e112a643');
    expect(response.readUInt16BE(2)).toBe(response.length - 20);
  });

  it('tells an IPv6 address as RFC 5769 does', () => {
    const address = addressBytes('2001:db8:1234:5678:11:2233:4455:6677') as Buffer;
    const response = bindingResponse(transaction, { address, port: 32_853 });
    expect(response.subarray(20, 44).toString('hex')).toBe(
      '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9',
    );
  });
});

describe('the bytes of an address', () => {
  it.each([
    ['192.0.2.1', 'c0000201'],
    ['::ffff:192.0.2.1', 'c0000201'],
    ['::1', `${'00'.repeat(15)}01`],
    ['fe80::1%eth0', `fe80${'00'.repeat(13)}01`],
    ['2001:db8::', `20010db8${'00'.repeat(12)}`],
  ])('of %s', (text, bytes) => {
    expect(addressBytes(text)?.toString('hex')).toBe(bytes);
  });

  it.each(['', '1.2.3', '1.2.3.256', '1::2::3', 'x::1', '1:2:3', '1:2:3:4:5:6:7:8:9'])(
    'none of %s',
    (text) => {
      expect(addressBytes(text)).toBeNull();
    },
  );
});
