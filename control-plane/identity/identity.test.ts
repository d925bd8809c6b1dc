import { inspect } from 'node:util';
import { Secret } from '@daam/shared/base/secret';
import { describe, expect, it } from 'vitest';
import { masterKeyOf, seal, unseal } from './sealed-box.ts';
import { createToken, hashToken, isTokenOf } from './tokens.ts';

const master = masterKeyOf(new Secret<Uint8Array>(new Uint8Array(32).fill(1)));
const plain = new TextEncoder().encode('a signing key');

describe('sealed box', () => {
  it('opens what it sealed', () => {
    expect(Buffer.from(unseal(master, 'org a', seal(master, 'org a', plain)))).toEqual(Buffer.from(plain));
  });

  it('seals the same bytes differently each time', () => {
    expect(seal(master, 'org a', plain)).not.toBe(seal(master, 'org a', plain));
  });

  it('does not open a text that was moved to another context, under another key, or changed', () => {
    const sealed = seal(master, 'org a', plain);
    const other = masterKeyOf(new Secret<Uint8Array>(new Uint8Array(32).fill(2)));
    const changed = sealed.slice(0, -1) + (sealed.endsWith('A') ? 'Q' : 'A');
    const shortTag = sealed.replace(/^(v1\.[^.]+\.)[^.]+/, '$1AAAA');
    for (const [key, context, text] of [
      [master, 'org b', sealed],
      [other, 'org a', sealed],
      [master, 'org a', changed],
      [master, 'org a', shortTag],
      [master, 'org a', 'v1.x'],
      [master, 'org a', ''],
    ] as const) {
      expect(() => unseal(key, context, text)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
    }
  });

  it('tells master keys apart without showing them', () => {
    expect(master.id).toMatch(/^[0-9a-f]{16}$/);
    expect(inspect(master)).toContain('[secret]');
  });

  it('takes only 32 bytes', () => {
    expect(() => masterKeyOf(new Secret<Uint8Array>(new Uint8Array(31)))).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }),
    );
  });
});

describe('tokens', () => {
  it('have 256 bits behind a prefix, and only their hash and prefix are for keeping', () => {
    const { token, hash, prefix } = createToken('person');
    const text = token.reveal();
    expect(text).toMatch(/^daam_pat_[A-Za-z0-9_-]{43}$/);
    expect(hash).toBe(hashToken(text));
    expect(text.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength('daam_pat_'.length + 4);
  });

  it('of one kind do not pass as another', () => {
    const text = createToken('registration').token.reveal();
    expect(isTokenOf('registration', text)).toBe(true);
    expect(isTokenOf('person', text)).toBe(false);
    expect(isTokenOf('registration', `${text}x`)).toBe(false);
  });
});
