import { createHash } from 'node:crypto';
import { authorizeQuery, authRoutes } from '@daam/shared/api/routes/auth';
import { describe, expect, it } from 'vitest';
import { makePkce } from './pkce.ts';

describe('what binds a code to this sign-in', () => {
  it('is new each time', () => {
    const all = Array.from({ length: 50 }, makePkce);
    for (const key of ['verifier', 'challenge', 'state'] as const) {
      expect(new Set(all.map((each) => each[key])).size).toBe(50);
    }
  });

  it('is what the control plane takes, the challenge being the hash of the verifier', () => {
    const { verifier, challenge, state } = makePkce();
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge);
    expect(authorizeQuery.shape.code_challenge.safeParse(challenge).success).toBe(true);
    expect(authorizeQuery.shape.state.safeParse(state).success).toBe(true);
    const [code] = authRoutes.exchangeToken.body.options;
    expect(code.shape.code_verifier.safeParse(verifier).success).toBe(true);
  });
});
