import { describe, expect, it } from 'vitest';
import { controlPlaneAddress, invitationIn } from './control-plane-address.ts';

describe('the address of an organization', () => {
  it.each([
    ['daam.example.com', 'https://daam.example.com'],
    [' https://daam.example.com/invite#abc ', 'https://daam.example.com'],
    ['daam.example.com:8443', 'https://daam.example.com:8443'],
    ['http://localhost:8080', 'http://localhost:8080'],
  ])('%s is %s', (typed, address) => {
    expect(controlPlaneAddress(typed)).toBe(address);
  });

  it.each([
    '',
    'http://daam.example.com',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://a:b@c',
    'x'.repeat(600),
  ])('is not %j', (typed) => {
    expect(controlPlaneAddress(typed)).toBeNull();
  });
});

describe('an invitation that is pasted in its place', () => {
  const secret = 'a'.repeat(43);

  it('is known by its page and its secret', () => {
    const link = `https://daam.example.com/enroll#${secret}`;
    expect(invitationIn(` ${link} `)).toBe(link);
    expect(controlPlaneAddress(link)).toBe('https://daam.example.com');
  });

  it.each([
    'daam.example.com',
    'https://daam.example.com/enroll',
    `https://daam.example.com/account#${secret}`,
    `https://daam.example.com/enroll#${secret}x`,
    `http://daam.example.com/enroll#${secret}`,
    `javascript:alert(1)//enroll#${secret}`,
  ])('is not %j', (typed) => {
    expect(invitationIn(typed)).toBeNull();
  });
});
