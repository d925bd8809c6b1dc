import type { ColumnMask, ResolvedAccess } from '../access.ts';
import type { TaggedNode } from '../ast/node.ts';
import type { Catalog, CatalogColumn, CatalogRelation } from '../catalog.ts';
import type { FunctionAllowList } from '../functions/allow-list-type.ts';
import type { SqlParser } from '../parser.ts';
import type { PseudonymReferences } from '../pseudonym.ts';
import type { SourceText } from '../rewrite/source-text.ts';
import type { TextEdit } from '../rewrite/splice.ts';
import type { TableOperation } from '../../policy/effective-policy.ts';
import type {
  MatchUse,
  OwnParameter,
  SessionEffect,
  SessionNames,
  TableUse,
  Taint,
  WriteGuard,
} from '../verdict.ts';
import type { Leaks } from './leak-findings.ts';
import type { Mentions } from './mentions.ts';
import type { Scope } from './scope.ts';

/** What the gate is made of; the mask functions come from shared/sql/presets.ts. */
export interface GateParts {
  readonly parser: SqlParser;
  readonly functions: FunctionAllowList;
  /** SQL that shows the column masked; `reference` is a quoted column reference, used as it is. */
  readonly maskExpression: (
    mask: ColumnMask,
    column: CatalogColumn,
    reference: string,
    key: PseudonymReferences | null,
  ) => string;
  /** The constant mask that stands in when the value may not be read. */
  readonly degradeMask: (mask: ColumnMask) => ColumnMask;
}

/** The text of the hint under a refusal: how to ask for access. Null: none. */
export type AccessHint = (
  table: { readonly schema: string; readonly name: string } | null,
  operation: TableOperation | null,
) => string | null;

export interface GateInput {
  readonly sql: string;
  readonly catalog: Catalog;
  readonly access: ResolvedAccess;
  readonly names: SessionNames;
  readonly hint: AccessHint;
}

/** One planned change of a node, in the text and in the tree. */
export interface NodeEdit {
  readonly text: readonly TextEdit[];
  /** The wrapper or body in the parsed tree. */
  readonly node: object;
  readonly apply: (copy: unknown) => unknown;
}

/** What the walk through one statement finds out. Mutable, one for each statement and pass. */
export interface Findings {
  readonly tables: TableUse[];
  readonly matches: MatchUse[];
  readonly effects: SessionEffect[];
  /** Bind parameters of our own in the rewritten statement. */
  readonly parameters: OwnParameter[];
  /** Parameters that may bring a mask back. */
  readonly guards: WriteGuard[];
  /** The statement cannot take Bind parameters (COPY, PREPARE): pseudonyms show as redact does. */
  keyless: boolean;
  /** Names written in full, planned only if the statement turns out to be an elevated one. */
  readonly qualifications: NodeEdit[];
  taint: Taint | null;
  /** User code may run: base tier only. */
  opaque: boolean;
  /** It runs what was prepared for the base tier. */
  needsBase: boolean;
  /** A mask or a match reads raw values. */
  needsElevated: boolean;
  /** Why the statement must not run elevated, in words for the client; null: it may. */
  elevationBlocker: string | null;
  /** The first relation with a row filter that it touches: it needs the elevated tier. */
  filtered: { readonly relation: CatalogRelation; readonly offset: number } | null;
  /** Masks of reads that would have needed the value were shown as constants. */
  degraded: boolean;
  touchesMasked: boolean;
  /** A decision looked at a literal. */
  readLiteral: boolean;
}

export function newFindings(): Findings {
  return {
    tables: [],
    matches: [],
    effects: [],
    parameters: [],
    guards: [],
    keyless: false,
    qualifications: [],
    taint: null,
    opaque: false,
    needsBase: false,
    needsElevated: false,
    elevationBlocker: null,
    filtered: null,
    degraded: false,
    touchesMasked: false,
    readLiteral: false,
  };
}

/** Everything that the functions of one walk share. */
export interface Context {
  readonly parts: GateParts;
  readonly input: GateInput;
  readonly source: SourceText;
  /** The session as the statements before this one in the same text leave it. */
  readonly names: MutableNames;
  /** Value masks and matches are possible in this pass. */
  readonly elevate: boolean;
  readonly found: Findings;
  readonly textEdits: TextEdit[];
  readonly treeEdits: Map<object, ((copy: unknown) => unknown)[]>;
  /** The whole statement. */
  readonly statement: TaggedNode;
  /** Names that the statement mentions anywhere. */
  readonly mentions: () => Mentions;
  /** What it could compute on rows that a row filter hides. */
  readonly leaks: () => Leaks;
  /** Judges a node and everything below it. */
  readonly visit: (node: TaggedNode, scope: Scope) => void;
}

export interface MutableNames {
  searchPath: readonly string[];
  searchPathTouched: boolean;
  readonly tempRelations: Set<string>;
  readonly prepared: Map<
    string,
    SessionNames['prepared'] extends ReadonlyMap<string, infer Entry> ? Entry : never
  >;
  opaqueObjects: boolean;
}

/** Plans a change in text and tree at once. */
export function planEdit(context: Context, edit: NodeEdit): void {
  context.textEdits.push(...edit.text);
  const edits = context.treeEdits.get(edit.node) ?? [];
  edits.push(edit.apply);
  context.treeEdits.set(edit.node, edits);
}

/** Notes that user code may run. */
export function markOpaque(context: Context, taint: Taint, why: string): void {
  const { found } = context;
  found.opaque = true;
  found.taint = found.taint === 'session' ? 'session' : taint;
  found.elevationBlocker ??= why;
}

/** Notes that the statement must not run elevated, although nothing in it is opaque. */
export function blockElevation(context: Context, why: string): void {
  context.found.elevationBlocker ??= why;
}
