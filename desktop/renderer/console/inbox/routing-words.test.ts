import type { RequestRouting } from '@daam/shared/api/routes/requests';
import { describe, expect, it } from 'vitest';
import { routingWords } from './routing-words.ts';

const routing: RequestRouting = {
  rule: 2,
  database: false,
  environment: null,
  tables: false,
  maxMinutes: null,
  required: 1,
  moreTime: false,
};

describe('why a request came to its approvers', () => {
  it('is that no rule fitted, or one that is for every request', () => {
    expect(routingWords({ ...routing, rule: null })).toEqual([
      'No rule fitted it: one administrator approves.',
    ]);
    expect(routingWords(routing)).toEqual(['Rule 2 as it stood then, which is for every request.']);
  });

  it('names each condition that the request met', () => {
    const met = {
      ...routing,
      database: true,
      environment: 'production',
      tables: true,
      maxMinutes: 60,
    } as const;
    expect(routingWords(met)).toEqual([
      'Rule 2 as it stood then: it is for this database; the database is production; no more is asked for than the tables of the rule; for at most 1 h.',
    ]);
  });

  it('says why somebody decides about more time of what opened by itself', () => {
    expect(routingWords({ ...routing, moreTime: true })[1]).toMatch(/more time is always somebody/);
  });
});
