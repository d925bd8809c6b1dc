import { describe, expect, it } from 'vitest';
import golden from './possession-golden.json' with { type: 'json' };
import { prove } from './possession.ts';
import { readX25519Private, x25519PublicText } from './x25519.ts';

describe('the golden proof of possession, which the sidecar in Go makes too', () => {
  it('is what prove answers', () => {
    const deviceKey = readX25519Private(golden.devicePrivate);
    expect(x25519PublicText(deviceKey)).toBe(golden.devicePublic);
    const { nonce, verifierKey, document, audience } = golden;
    const binding = { purpose: 'relay', document, audience } as const;
    expect(prove({ challenge: { nonce, verifierKey }, deviceKey, binding })).toBe(golden.proof);
  });
});
