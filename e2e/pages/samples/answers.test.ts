import type { RouteContract } from '@daam/shared/api/route';
import { apiRoutes } from '@daam/shared/api/routes';
import { codeOf } from '@daam/shared/testing/code-of';
import { describe, expect, it } from 'vitest';
import { emptyAnswer, sampleAnswer } from './answers.ts';

describe('the sample answers', () => {
  it('are what the contracts of their routes say', () => {
    const contracts: [string, RouteContract][] = Object.entries(apiRoutes);
    const wrong = contracts
      .filter(([, { method, status, streams }]) => method === 'GET' && status === 200 && streams !== true)
      .flatMap(([route]) => {
        try {
          sampleAnswer({ route });
          return [];
        } catch {
          return [route];
        }
      });
    // There is no draft: that is its answer.
    expect(wrong).toEqual(['getPolicyDraft']);
  });

  it('know no other routes', () => {
    expect(codeOf(() => sampleAnswer({ route: 'toString' }))).toBe('NOT_FOUND');
  });

  it('hold nothing for an organization that has nothing', () => {
    expect(emptyAnswer({ route: 'listUsers' })).toEqual({ items: [], next: null });
  });
});
