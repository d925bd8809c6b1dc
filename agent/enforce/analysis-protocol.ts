import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { TextExplanation } from '@daam/shared/sql/explain/explanation';
import type { AccessHint } from '@daam/shared/sql/gate/decide';
import type { Denial, SessionNames } from '@daam/shared/sql/verdict';
import type { Verdict } from '@daam/shared/sql/verdict';

/**
 * What the agent's thread and its analysis thread say to each other: plain data that structured clone copies.
 * Catalogue and access are sent once and then named by number.
 */
export interface ThreadStart {
  readonly major: PostgresMajor;
}

/** A job as the thread gets it. */
export interface ThreadJob {
  readonly kind: 'decide' | 'explain';
  readonly access: number;
  readonly sql: string;
  readonly names: SessionNames;
}

export type ToThread =
  | { readonly kind: 'catalog'; readonly id: number; readonly catalog: Catalog }
  | {
      readonly kind: 'access';
      readonly id: number;
      readonly catalog: number;
      readonly access: ResolvedAccess;
    }
  | { readonly kind: 'forget'; readonly ids: readonly number[] }
  | ThreadJob;

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'decided'; readonly verdict: Verdict; readonly memory: number }
  | { readonly kind: 'explained'; readonly explanation: TextExplanation; readonly memory: number }
  /** Something that is not a refusal was thrown: the thread is not to be trusted any more. */
  | { readonly kind: 'failed'; readonly detail: string };

/** Names as data; a session's own object has methods and changes. */
export function copyNames(names: SessionNames): SessionNames {
  return {
    searchPath: names.searchPath,
    searchPathTouched: names.searchPathTouched,
    tempRelations: names.tempRelations,
    prepared: names.prepared,
    elevationAvailable: names.elevationAvailable,
    opaqueObjects: names.opaqueObjects,
    ...(names.writeBack === undefined ? {} : { writeBack: names.writeBack }),
  };
}

type HintArguments = Parameters<AccessHint>;

const mark = '\u0000hint ';

/** In the thread: a hint that the agent writes, because how to ask for access is not known there. */
export const markedHint: AccessHint = (...asked) => mark + JSON.stringify(asked);

/** The denial with the hint that was meant. */
export function withHint(denial: Denial, hint: AccessHint): Denial {
  if (denial.hint === null || !denial.hint.startsWith(mark)) return denial;
  const [table, operation] = JSON.parse(denial.hint.slice(mark.length)) as HintArguments;
  return { ...denial, hint: hint(table, operation) };
}
