import { describe, expect, it } from 'vitest';
import type { AgentId, OrgId } from '../domain/ids.ts';
import { codeOfAsync } from '../testing/code-of.ts';
import { sampleAudience, sampleBundle, sampleId, sampleNow } from '../testing/identity-samples.ts';
import { signBundle, verifyBundle } from './bundle.ts';
import { generateSigningKey, type OrgPublicKey } from './keys.ts';
import { signDocument } from './sign.ts';

const oldKey = generateSigningKey();
const newKey = generateSigningKey();

function codeFor(jws: string, keys: readonly OrgPublicKey[]): Promise<string | null> {
  return codeOfAsync(verifyBundle(jws, keys, sampleAudience, sampleNow));
}

describe('policy bundles', () => {
  it('make a new key known only through a bundle that a held key signed', async () => {
    const rotation = await signBundle(
      sampleBundle(oldKey, { orgKeys: [newKey.publicKey, oldKey.publicKey] }),
      oldKey,
    );
    const next = await signBundle(sampleBundle(newKey, { epoch: 2 }), newKey);
    expect(await codeFor(next, [oldKey.publicKey])).toBe('INVALID_SIGNATURE');
    const learnt = await verifyBundle(rotation, [oldKey.publicKey], sampleAudience, sampleNow);
    expect(await codeFor(next, learnt.orgKeys)).toBeNull();
  });

  it('are refused by every agent that they were not made for', async () => {
    const org = await signBundle(sampleBundle(oldKey, { org: sampleId<OrgId>(90) }), oldKey);
    const agent = await signBundle(sampleBundle(oldKey, { agent: sampleId<AgentId>(91) }), oldKey);
    expect(await codeFor(org, [oldKey.publicKey])).toBe('INVALID_POLICY');
    expect(await codeFor(agent, [oldKey.publicKey])).toBe('INVALID_POLICY');
  });

  it('cannot put another key under a known name', async () => {
    const swapped = [oldKey.publicKey, { kid: oldKey.kid, x: newKey.publicKey.x }];
    const jws = await signBundle(sampleBundle(oldKey, { orgKeys: swapped }), oldKey);
    expect(await codeFor(jws, [oldKey.publicKey])).toBe('INVALID_POLICY');
  });

  it('are not signed by a key that they do not list, nor with a subject that points nowhere', async () => {
    expect(await codeOfAsync(signBundle(sampleBundle(oldKey), newKey))).toBe('INVALID_INPUT');
    const dangling = sampleBundle(oldKey, { policies: [] });
    expect(await codeOfAsync(signDocument('policyBundle', dangling, oldKey))).toBe('INVALID_INPUT');
  });
});
