import { describe, expect, it } from 'vitest';
import { approvalWords } from './approval-words.ts';

const ada = { id: 'a', email: 'ada@example.com' };
const one = { people: [ada], total: 1, automatic: false, required: 1, escalation: null };

describe('who would approve, in words', () => {
  it('names people, counts the rest, and says what comes later', () => {
    expect(approvalWords({ ...one, total: 3 })).toEqual([
      'One of these approves: ada@example.com and 2 more.',
    ]);
    expect(
      approvalWords(
        { ...one, escalation: { minutes: 90, people: [ada], total: 1 } },
        { pendingMinutes: 1_440 },
      ),
    ).toEqual([
      'One of these approves: ada@example.com.',
      'Without a decision after 1 h 30 min, also ada@example.com.',
      'It lapses after 24 h without a decision.',
    ]);
  });

  it('says when it can never be approved, and when nobody has to', () => {
    expect(approvalWords({ ...one, required: 2 })).toContain('That takes 2, and there is only 1.');
    expect(approvalWords({ ...one, people: [], total: 0 })).toEqual(['Nobody can approve this.']);
    expect(approvalWords({ ...one, automatic: true })).toEqual([
      'Nobody has to approve this: it opens at once.',
    ]);
  });
});
