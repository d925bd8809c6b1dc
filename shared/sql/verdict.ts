import type { MaskPreset, TableOperation } from '../policy/effective-policy.ts';

/** Taint that running this statement brings (enforcement.md 4). */
export type Taint = 'transaction' | 'session';

/** Which tier of privileges a statement may run in. */
export type Tier =
  /** Safe in base and in elevated. */
  | 'either'
  /** Needs raw values: only after elevation. */
  | 'elevated'
  /** May run user code: only in base. */
  | 'base';

export interface TableUse {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly operation: TableOperation;
  readonly masked: boolean;
}

/** What a match compares a real value with: a literal of the text, or a Bind parameter that is counted when it is known. */
export type MatchOperand =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly number: number; readonly holds: 'value' | 'element' | 'array' };

/** A predicate that was allowed to see the real value of a masked column. */
export interface MatchUse {
  readonly oid: number;
  readonly column: string;
  /** Values that it compares with; an array parameter counts as one until it is bound. */
  readonly literals: number;
  /** The values themselves, for the hourly budget (agent/enforce/match-budget.ts); never logged. */
  readonly operands: readonly MatchOperand[];
}

/** A Bind parameter that the agent appends after the client's: the organization's pseudonym key, as HMAC pads. */
export interface OwnParameter {
  readonly kind: 'pseudonym-inner' | 'pseudonym-outer';
  /** `$number` in the rewritten text. */
  readonly number: number;
}

/** One statement of a text that needs own parameters, to be run in the extended protocol. */
export interface StatementPiece {
  readonly sql: string;
  readonly parameters: readonly OwnParameter[];
}

/**
 * A client's parameter that is written into a masked column where the statement may not read the value: what
 * the mask shows must not come back over it, so the value is looked at when it is bound (write-back.ts).
 */
export interface WriteGuard {
  readonly parameter: number;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** The column's type, for the parameter when its assignment is left out. */
  readonly typeOid: number;
  /** What the mask shows (shared/sql/mask-shape.ts). */
  readonly shape: { readonly preset: MaskPreset; readonly prefix: number; readonly suffix: number };
  /** Every value but NULL could be what the mask shows. */
  readonly always: boolean;
  /** A NULL is what the mask shows. */
  readonly showsNull: boolean;
}

/** What a statement does to the session that the agent must follow. */
export type SessionEffect =
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'savepoint' }
  /** `local`: until the end of the transaction. */
  | { readonly kind: 'set-search-path'; readonly path: readonly string[] | null; readonly local: boolean }
  | { readonly kind: 'temp-relation-created'; readonly name: string }
  | { readonly kind: 'temp-relation-dropped'; readonly names: readonly string[] }
  | {
      readonly kind: 'prepared';
      readonly name: string;
      readonly tier: Tier;
      readonly taint: Taint | null;
      readonly touchesMasked: boolean;
    }
  | { readonly kind: 'deallocated'; readonly name: string | null }
  | { readonly kind: 'discard'; readonly what: 'all' | 'temp' | 'plans' | 'sequences' };

export interface StatementVerdict {
  readonly class: 'pass' | 'rewrite' | 'opaque';
  /** The command as in CommandComplete: SELECT, INSERT, CREATE TABLE AS, … */
  readonly command: string;
  readonly tier: Tier;
  readonly taint: Taint | null;
  readonly tables: readonly TableUse[];
  readonly matches: readonly MatchUse[];
  readonly effects: readonly SessionEffect[];
  /** Reads or writes a masked relation, or may run code that does: diagnostics are filtered (L6). */
  readonly touchesMasked: boolean;
  /** A relation with a row filter is in it: parameters that are compared must not be declared as an OID type. */
  readonly filtersRows: boolean;
  /** Value presets that were shown as redact because elevation is not available: a NOTICE says so. */
  readonly degraded: boolean;
  /** Why it must not read real values, in words for people; absent or null: it may. */
  readonly reason?: string | null;
}

export interface Denial {
  readonly sqlstate: string;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
  /** Stable name of the rule that refused: `default-deny`, `function-allow-list`, `set-parameter`, … */
  readonly rule: string;
  readonly table: { readonly schema: string; readonly name: string } | null;
  /** 1-based character position in the client's text, when it is known. */
  readonly position: number | null;
}

/** The gate's answer to one SQL text (a simple Query may hold several statements). */
export type Verdict =
  | {
      readonly kind: 'allow';
      /** What goes to the server; identical to the input when nothing was rewritten. */
      readonly sql: string;
      readonly rewritten: boolean;
      readonly statements: readonly StatementVerdict[];
      /** The strictest of the statements': a text that needs both elevated and base is denied instead. */
      readonly tier: Tier;
      readonly taint: Taint | null;
      readonly touchesMasked: boolean;
      readonly degraded: boolean;
      /**
       * No decision looked at a literal's value: a text that differs only in plain literals gets the same
       * verdict, and where it was rewritten, the same text but for these literals.
       */
      readonly literalIndependent: boolean;
      /** Appended to the client's Bind parameters; of a text with one statement. */
      readonly parameters: readonly OwnParameter[];
      /** Set when a statement needs own parameters: the simple protocol has none, so the text runs in pieces. */
      readonly pieces: readonly StatementPiece[] | null;
      /** Looked at when parameters are bound. */
      readonly guards: readonly WriteGuard[];
    }
  | { readonly kind: 'deny'; readonly denial: Denial; readonly command: string | null };

/** What the gate must know of the session. Changing any of it invalidates cached verdicts. */
export interface SessionNames {
  /** Schemas that unqualified names are looked up in, pg_catalog (first) and pg_temp (last) left out. */
  readonly searchPath: readonly string[];
  /** True once the client has ever changed the search path: names are then always written qualified. */
  readonly searchPathTouched: boolean;
  readonly tempRelations: ReadonlySet<string>;
  readonly prepared: ReadonlyMap<
    string,
    {
      readonly tier: Tier;
      readonly taint: Taint | null;
      readonly touchesMasked: boolean;
      /** A change of policy took away what it uses: EXECUTE is refused with this. */
      readonly denial?: Denial;
    }
  >;
  /** False once a taint ended elevation, or where the organization switched it off: value presets show as redact, equality is refused. */
  readonly elevationAvailable: boolean;
  /** Parameters whose bound values have the shape of a mask that they would overwrite (gate/write-back.ts). Absent: none, or not bound yet. */
  readonly writeBack?: ReadonlySet<number>;
  /** User code may have made objects that the gate has not seen: unknown relation names are then forwarded, in base. */
  readonly opaqueObjects: boolean;
}
