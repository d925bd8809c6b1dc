import type {
  MaskPreset,
  RowFilterOperator,
  RuleOrigin,
  TableOperation,
} from '../../policy/effective-policy.ts';
import type { Denial, Taint, Tier } from '../verdict.ts';

/**
 * What would happen to a text, said without running it. The verdict in it is the gate's own; the lineage of output
 * columns is worked out beside it, for people to read, and nothing is decided by it.
 */
export interface TextExplanation {
  /** Whether the whole text would run. */
  readonly outcome: 'allow' | 'deny';
  /** Why not. */
  readonly denial: Denial | null;
  readonly tier: Tier | null;
  readonly taint: Taint | null;
  /** What would go to the server; null when it is the text itself or nothing. */
  readonly rewritten: string | null;
  /** In order; empty when the text cannot be parsed. */
  readonly statements: readonly StatementExplanation[];
}

export interface StatementExplanation {
  /** The statement as it was written, cut after a few hundred characters. */
  readonly text: string;
  readonly class: 'pass' | 'rewrite' | 'opaque' | 'deny';
  /** As in CommandComplete; null when it is not known. */
  readonly command: string | null;
  readonly tier: Tier | null;
  readonly taint: Taint | null;
  /** Why it must run without access to real values; null when it need not. */
  readonly reason: string | null;
  readonly tables: readonly ExplainedTable[];
  /** Null when the statement has no result, or when its columns are not known. */
  readonly columns: readonly OutputColumn[] | null;
  readonly matches: readonly ExplainedMatch[];
  /** Value presets show as *** because the session could not be elevated. */
  readonly degraded: boolean;
  readonly denial: Denial | null;
}

export interface ExplainedTable {
  readonly schema: string;
  readonly name: string;
  readonly operation: TableOperation;
  readonly masked: boolean;
  readonly rowFilter: ExplainedRowFilter | null;
}

/** Which rows exist for the person. */
export interface ExplainedRowFilter {
  readonly conditions: readonly {
    readonly column: string;
    readonly operator: RowFilterOperator;
    /** SQL constants. */
    readonly values: readonly string[];
  }[];
  readonly origins: readonly RuleOrigin[];
}

/** A comparison that sees real values. */
export interface ExplainedMatch {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly literals: number;
}

export interface OutputColumn {
  /** Null when the server makes it up. */
  readonly name: string | null;
  readonly kind: ColumnKind;
  /** What is masked in it, each once. */
  readonly masks: readonly ExplainedMask[];
}

export type ColumnKind =
  /** No masked column goes into it. */
  | 'plain'
  /** It is a masked column, shown as its mask. */
  | 'masked'
  /** It is computed from masked values. */
  | 'derived'
  /** Where it comes from is not traced. */
  | 'unknown';

export interface ExplainedMask {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly preset: MaskPreset;
  /** `=` and its kin may see the real value. */
  readonly matchEquality: boolean;
  readonly origin: RuleOrigin;
}
