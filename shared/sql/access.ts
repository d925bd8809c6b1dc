import type {
  EffectiveLimits,
  EffectivePolicy,
  MaskPreset,
  RowFilterOperator,
  RuleOrigin,
  TableOperation,
} from '../policy/effective-policy.ts';
import type { Catalog } from './catalog.ts';

/**
 * An effective policy resolved against a catalogue: patterns became OIDs and attnums, masks were closed
 * over partitions, children, generated columns and views. The gate, the rewriter and the floor
 * (agent/roles) all read this one structure, so that they cannot disagree.
 */

export interface ColumnMask {
  readonly attnum: number;
  readonly column: string;
  readonly preset: MaskPreset;
  readonly prefix: number;
  readonly suffix: number;
  readonly as: 'text' | null;
  readonly matchEquality: boolean;
  /** False for null, redact and (until it is keyed) pseudonym: the mask is a constant and needs no raw value. */
  readonly needsValue: boolean;
  readonly origin: RuleOrigin;
}

/** One condition of a row filter. */
export interface ResolvedRowCondition {
  readonly attnum: number;
  readonly column: string;
  readonly operator: RowFilterOperator;
  /**
   * SQL constants, quoted and cast to the column's base type. `in`: any number, none matches nothing;
   * `is_null` and `is_not_null`: none; every other operator: one.
   */
  readonly literals: readonly string[];
}

/** Which rows of a relation exist for this person; row-filter.ts writes it as SQL. */
export interface ResolvedRowFilter {
  /** All apply. Never empty. */
  readonly conditions: readonly ResolvedRowCondition[];
  readonly origins: readonly RuleOrigin[];
}

export interface RelationAccess {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly operations: ReadonlySet<TableOperation>;
  /** Operations that a policy grants and the agent's role on the server cannot pass on; absent: none. */
  readonly withheld?: ReadonlySet<TableOperation>;
  /**
   * SELECT is granted column by column although nothing may be masked: a column that is added later could be one
   * that the policy masks. Absent: on the whole table.
   */
  readonly columnwise?: true;
  /** By attnum. Empty: nothing is masked. */
  readonly masks: ReadonlyMap<number, ColumnMask>;
  /** Null: every row. Else every privilege on the relation is in the elevated tier only (agent/roles/group-grants.ts). */
  readonly rowFilter: ResolvedRowFilter | null;
  /** Where the grants came from. */
  readonly origins: readonly RuleOrigin[];
  /** Set: granted by a policy, and still refused for this reason (a view that reaches a masked column, a row filter, …). */
  readonly refusal: { readonly rule: string; readonly message: string } | null;
}

/** Code that an administrator vouched for and that is still what it was then (policy/bundle.ts). */
export interface VouchedCode {
  /** OIDs of functions: called as if they were on the allow-list. */
  readonly functions: ReadonlySet<number>;
  /** OIDs of triggers: they do not count as user code. */
  readonly triggers: ReadonlySet<number>;
}

export interface ResolvedAccess {
  /** Hex, 32 characters; equal exactly when `relations`' content and the catalogue columns under it are equal. Keys the group roles. */
  readonly fingerprint: string;
  /** Only relations that some grant names; everything else is denied by default. */
  readonly relations: ReadonlyMap<number, RelationAccess>;
  /** The agent holds the organization's pseudonym key. Absent or false: pseudonyms show as redact does. */
  readonly keyed?: boolean;
  readonly limits: EffectiveLimits;
  readonly policies: readonly RuleOrigin[];
  /** Absent: nothing is. Not part of the fingerprint: the floor does not depend on it. */
  readonly vouched?: VouchedCode;
}

export type ResolveAccess = (policy: EffectivePolicy, catalog: Catalog) => ResolvedAccess;
