import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import type { RelationAccess, ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog, CatalogRelation } from '@daam/shared/sql/catalog';
import type { TextExplanation } from '@daam/shared/sql/explain/explanation';
import type { AccessHint } from '@daam/shared/sql/gate/decide';
import type { Denial, SessionNames } from '@daam/shared/sql/verdict';
import type { Verdict } from '@daam/shared/sql/verdict';

/**
 * What the agent's thread and its analysis thread say to each other: plain data that structured clone copies.
 * Catalogue and access are sent once, and then named by number.
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
  /** Empty at first; its relations follow in portions, so that copying them holds nobody up. */
  | {
      readonly kind: 'catalog';
      readonly id: number;
      readonly catalog: Omit<Catalog, 'relations' | 'byName'>;
    }
  | { readonly kind: 'relations'; readonly id: number; readonly relations: readonly CatalogRelation[] }
  | {
      readonly kind: 'access';
      readonly id: number;
      readonly catalog: number;
      readonly access: Omit<ResolvedAccess, 'relations'>;
    }
  | { readonly kind: 'granted'; readonly id: number; readonly relations: readonly RelationAccess[] }
  | { readonly kind: 'forget'; readonly ids: readonly number[] }
  | ThreadJob;

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'decided'; readonly verdict: Verdict; readonly memory: number }
  | { readonly kind: 'explained'; readonly explanation: TextExplanation; readonly memory: number }
  /** Something that is not a refusal was thrown: the thread is not to be trusted any more. */
  | { readonly kind: 'failed'; readonly detail: string };

/** All of them: what is not here would not reach the thread. */
const fields = Object.keys({
  searchPath: true,
  searchPathTouched: true,
  tempRelations: true,
  prepared: true,
  elevationAvailable: true,
  writeBack: true,
  opaqueObjects: true,
} satisfies Record<keyof SessionNames, true>) as (keyof SessionNames)[];

/** Names as data; a session's own object has methods, and changes. */
export function copyNames(names: SessionNames): SessionNames {
  const entries = fields.map((field) => [field, names[field]]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as SessionNames;
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
