/**
 * What one person may do in one database: the merge of every policy that is assigned to them.
 * Still in patterns; `shared/sql/access.ts` resolves it against the tables that really exist.
 */

/** The operations a table grant can name, in PostgreSQL's words. */
export const tableOperations = ['select', 'insert', 'update', 'delete'] as const;
export type TableOperation = (typeof tableOperations)[number];

/** Presets, strongest first; `none` lifts nothing, it only exists for comparison. */
export const maskPresets = [
  'null',
  'redact',
  'pseudonym',
  'credit_card',
  'ssn',
  'phone',
  'partial',
  'name',
  'email',
] as const;
export type MaskPreset = (typeof maskPresets)[number];

/** Whether `=`, IN, = ANY and IS [NOT] NULL may see the real value. */
export type MatchMode = 'none' | 'equality';

/** Which policy, in which version, brought something: shown in refusals and in explain. */
export interface RuleOrigin {
  readonly policy: string;
  readonly version: number;
}

/** A grant on every table whose name matches `schema`.`table` (each a pattern, `*` within the segment). */
export interface EffectiveGrant {
  readonly schema: string;
  readonly table: string;
  readonly operations: readonly TableOperation[];
  /** The columns that it shows; where no other grant shows them, the table's other columns read as NULL. Absent: every column. */
  readonly columns?: readonly string[];
  readonly origin: RuleOrigin;
}

/**
 * One column at the level that an approved access request names, for its window: the one thing that takes the place
 * of masks instead of adding to them. Names one column of one table, never a pattern.
 */
export interface EffectiveUnmask {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** The mask that holds on it instead of every other; null: the value itself is shown. */
  readonly mask: Pick<EffectiveMask, 'preset' | 'prefix' | 'suffix'> | null;
  readonly origin: RuleOrigin;
}

export interface EffectiveMask {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly preset: MaskPreset;
  /** `partial` only: characters shown at each end. */
  readonly prefix?: number;
  readonly suffix?: number;
  /** `redact` only: `text` shows `***` whatever the column's type. */
  readonly as?: 'text';
  /** Absent: the default of the preset and the column's type (enforcement.md 1). */
  readonly match?: MatchMode;
  readonly origin: RuleOrigin;
}

export const rowFilterOperators = [
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'in',
  'is_null',
  'is_not_null',
] as const;
export type RowFilterOperator = (typeof rowFilterOperators)[number];

export type FilterScalar = string | number | boolean;

/** All conditions of a filter apply (AND); templates are already replaced by the user's attributes. */
export interface EffectiveRowFilter {
  readonly schema: string;
  readonly table: string;
  readonly where: readonly {
    readonly column: string;
    readonly operator: RowFilterOperator;
    readonly value?: FilterScalar | readonly FilterScalar[];
    /**
     * Why the person's attributes cannot stand in for the template, in words without values. The condition then
     * matches nothing (`in` an empty list), and the table is refused with this reason.
     */
    readonly problem?: string;
  }[];
  readonly origin: RuleOrigin;
}

/** Smallest wins when policies merge. Times in milliseconds. */
export interface EffectiveLimits {
  readonly maxRows?: number;
  readonly statementTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly maxSessionDurationMs?: number;
  /** Values that one statement may compare with real ones of masked columns; 16 when absent. */
  readonly matchesPerStatement?: number;
  /** Distinct values that a person may compare with one masked column in an hour; 100 when absent. */
  readonly matchesPerHour?: number;
}

/** What is recorded of this person besides the text of statements. */
export interface EffectiveAudit {
  /** The values that are bound to parameters (shared/audit/parameters.ts). */
  readonly parameters: true;
}

export interface EffectivePolicy {
  /** The database's name in DAAM. */
  readonly database: string;
  readonly grants: readonly EffectiveGrant[];
  readonly masks: readonly EffectiveMask[];
  /** Absent where nothing more is recorded. */
  readonly audit?: EffectiveAudit;
  /** Absent where there is none. */
  readonly unmasks?: readonly EffectiveUnmask[];
  readonly rowFilters: readonly EffectiveRowFilter[];
  readonly limits: EffectiveLimits;
  /** The policies that were merged, by name. */
  readonly policies: readonly RuleOrigin[];
}
