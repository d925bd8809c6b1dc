import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

describe('the arguments of daam-agent', () => {
  it.each([
    ['serve', '--config agent.yaml'],
    ['serve', ''],
    ['help', 'passkeys --help'],
    ['version', '--version'],
    ['introspect', 'introspect --config=agent.yaml --json'],
    ['passkeys', 'passkeys --config introspect'],
    ['usage', '--json'],
    ['usage', 'passkey'],
    ['usage', 'passkeys approve'],
    ['usage', 'passkeys --admin'],
    ['usage', 'introspect --config agent.yaml now'],
    ['usage', 'passkeys approve 1 2'],
  ])('mean %s: %s', (kind, line) => {
    expect(parseArguments(line.split(' ').filter((word) => word !== '')).kind).toBe(kind);
  });

  it('name the passkey that is approved, and whether for an administrator', () => {
    const args = ['passkeys', 'approve', '0011 2233', '--admin', '--config', 'a.yaml'];
    expect(parseArguments(args)).toEqual({
      kind: 'passkeys',
      approve: { fingerprint: '0011 2233', asAdmin: true },
      json: false,
    });
  });
});
