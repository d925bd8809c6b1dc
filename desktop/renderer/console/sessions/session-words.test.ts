import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { describe, expect, it } from 'vitest';
import { stateWords } from './session-words.ts';

const now = Date.UTC(2026, 4, 4, 12);
const session = { end: null } as unknown as ConnectionView;
const end = { reason: 'AGENT_RESTARTED' } as ConnectionView['end'];

describe('how a session is', () => {
  it('is open, as far as an older control plane tells', () => {
    expect(stateWords(session, now)).toEqual(['open', 'ok']);
    expect(stateWords({ ...session, unreachableSince: null }, now)).toEqual(['open', 'ok']);
  });

  it('is not called open while its agent is away', () => {
    const [words, tone] = stateWords({ ...session, unreachableSince: '2026-05-04T11:00:00.000Z' }, now);
    expect([words, tone]).toEqual([expect.stringMatching(/^agent unreachable since /), 'warn']);
  });

  it('is how it ended once that is known, whatever was told of its agent', () => {
    const lost = { ...session, end, unreachableSince: '2026-05-04T11:00:00.000Z' };
    expect(stateWords(lost, now)).toEqual(['agent restarted', 'bad']);
  });
});
