import type { Denial } from '@daam/shared/sql/verdict';
import type { AnalysisOutcome } from './analysis-thread.ts';

/** Why a text was not even given to the thread. */
export interface AnalysisFailure {
  readonly kind: 'busy';
}

type Kind = (AnalysisOutcome | AnalysisFailure)['kind'];

/** The refusal of a text that could not be analysed: what is not understood does not run. */
export function analysisDenial(kind: Kind, limits: { readonly timeLimitMs: number }): Denial {
  return { detail: null, table: null, position: null, ...words(kind, limits.timeLimitMs) };
}

function words(kind: Kind, timeLimitMs: number): Pick<Denial, 'sqlstate' | 'rule' | 'message' | 'hint'> {
  switch (kind) {
    case 'timeout':
      return {
        sqlstate: '54001',
        rule: 'analysis-timeout',
        message: `the statement takes longer than ${timeLimitMs / 1000} s to analyse`,
        hint: 'Send it in smaller parts.',
      };
    case 'out-of-memory':
      return {
        sqlstate: '54001',
        rule: 'analysis-memory',
        message: 'the statement takes too much memory to analyse',
        hint: 'Send it in smaller parts.',
      };
    case 'busy':
      return {
        sqlstate: '53000',
        rule: 'analysis-busy',
        message: 'too many long statements wait to be analysed',
        hint: 'Try again in a moment.',
      };
    case 'failed':
    case 'decided':
    case 'explained':
      return {
        sqlstate: 'XX000',
        rule: 'analysis-failed',
        message: 'the statement could not be analysed, so it was not run',
        hint: 'Try again; if it happens again, tell an administrator.',
      };
    default:
      return kind satisfies never;
  }
}
