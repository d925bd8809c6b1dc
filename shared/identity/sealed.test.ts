import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import { seal, sealedMagic, type SealPurpose, maxSealedBytes, unseal } from './sealed.ts';
import { generateX25519, x25519PublicText } from './x25519.ts';

const [device, agent, stranger] = [generateX25519(), generateX25519(), generateX25519()];
const plain = Buffer.from('certificate, grant, candidates');
const toAgent = (purpose: SealPurpose = 'knock'): Buffer =>
  seal({ purpose, plain, sender: device, receiver: x25519PublicText(agent) });
const open = (
  sealed: Uint8Array,
  changes: { sender?: string; receiver?: typeof agent } = {},
): Buffer | null =>
  unseal({ purpose: 'knock', sealed, sender: x25519PublicText(device), receiver: agent, ...changes });

describe('a sealed message', () => {
  it('is read by its receiver, who knows the sender', () => {
    const sealed = toAgent();
    expect(sealed[0]).toBe(sealedMagic);
    expect(sealed.includes(plain)).toBe(false);
    expect(open(sealed)).toEqual(plain);
  });

  it('is never the same twice', () => {
    expect(toAgent().equals(toAgent())).toBe(false);
  });

  it.each([
    ['for another receiver', { receiver: stranger }],
    ['said to be from another sender', { sender: x25519PublicText(stranger) }],
    ['from a sender whose key is none', { sender: 'x' }],
    ['from a key of low order', { sender: Buffer.alloc(32).toString('base64url') }],
  ])('is nothing %s', (_, changes) => {
    expect(open(toAgent(), changes)).toBeNull();
  });

  it('is nothing when it was meant as something else', () => {
    expect(open(toAgent('answer'))).toBeNull();
  });

  it('is nothing when a single bit differs, wherever', () => {
    const sealed = toAgent();
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8((changed[at] as number) ^ 0x40, at);
      expect(open(changed)).toBeNull();
    }
  });

  it('is nothing when it is cut anywhere', () => {
    const sealed = toAgent();
    for (let length = 0; length < sealed.length; length += 1)
      expect(open(sealed.subarray(0, length))).toBeNull();
  });

  it('has a ceiling', () => {
    const receiver = x25519PublicText(agent);
    const make = (): Buffer =>
      seal({ purpose: 'knock', plain: Buffer.alloc(maxSealedBytes), sender: device, receiver });
    expect(codeOf(make)).toBe('TOO_LARGE');
  });

  it('cannot be sealed to a key of low order', () => {
    const receiver = Buffer.alloc(32).toString('base64url');
    expect(codeOf(() => seal({ purpose: 'knock', plain, sender: device, receiver }))).toBe('INVALID_INPUT');
  });
});
