import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { nextKnockIn } from './knock-schedule.ts';

const pauses = (code: ConstructorParameters<typeof AppError>[0]): (number | null)[] =>
  [1, 2, 3, 6, 40].map((failures) => nextKnockIn({ failure: new AppError(code), failures }));

describe('the next knock', () => {
  it('is not needed after a yes', () => {
    expect(nextKnockIn({ failure: null, failures: 0 })).toBeNull();
  });

  it('comes soon, then ever later, while nobody answers', () => {
    expect(pauses('AGENT_UNAVAILABLE')).toEqual([1_000, 2_000, 4_000, 30_000, 30_000]);
  });

  it('comes late after a no, since somebody has to change something first', () => {
    expect(pauses('REVOKED')).toEqual([30_000, 60_000, 120_000, 300_000, 300_000]);
  });
});
