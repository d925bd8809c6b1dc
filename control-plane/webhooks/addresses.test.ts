import { describe, expect, it } from 'vitest';
import { AllowedAddresses, isAddressEntry } from './addresses.ts';

describe('addresses of webhooks', () => {
  const standard = new AllowedAddresses();

  it.each([
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2001::1',
    '100::1',
    '',
    'localhost',
    '127.1',
    '1.2.3.4.5',
  ])('%s is refused', (address) => {
    expect(standard.mayCall(address)).toBe(false);
  });

  it.each(['8.8.8.8', '172.15.0.1', '172.32.0.1', '192.167.1.1', '100.63.255.255', '2606:4700::1111'])(
    '%s may be called',
    (address) => {
      expect(standard.mayCall(address)).toBe(true);
    },
  );

  it('may be what the operator names, and nothing beside it', () => {
    const allowed = new AllowedAddresses(['10.20.0.0/16', '127.0.0.1', 'fd00::/8']);
    const answers = [
      '10.20.3.4',
      '10.21.0.1',
      '127.0.0.1',
      '127.0.0.2',
      'fd12::1',
      'fe80::1',
      '169.254.169.254',
    ];
    expect(answers.filter((address) => allowed.mayCall(address))).toEqual([
      '10.20.3.4',
      '127.0.0.1',
      'fd12::1',
    ]);
    expect(allowed.isNamed('8.8.8.8')).toBe(false);
    expect(allowed.mayCall('8.8.8.8')).toBe(true);
  });

  it('can be named as addresses and networks only', () => {
    const entries = [
      '10.0.0.0/8',
      '::1',
      '10.0.0.0/33',
      'fd00::/129',
      'localhost',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      '*',
    ];
    expect(entries.filter(isAddressEntry)).toEqual(['10.0.0.0/8', '::1']);
  });
});
