/**
 * A policy as the visual editor shows and changes it: what it says of each table and column of the reported schema. Every
 * change is a new value that says the same thing of everything else.
 */
import type { PolicyDocument, PolicyEntry } from '@daam/shared/policy/document';
import {
  type MaskPreset,
  maskPresets,
  type TableOperation,
  tableOperations,
} from '@daam/shared/policy/effective-policy';
import { formatPattern, isLiteralSegment, matchesSegment, parsePattern } from '@daam/shared/policy/pattern';

/** As much of a reported table as the editor needs. */
export interface ModelTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export type DocumentMask = PolicyEntry['masks'][number];
export type DocumentFilter = PolicyEntry['rowFilters'][number];

/** Whether a table has an operation: by its own line, by a pattern, or not. */
export interface OperationState {
  readonly state: 'own' | 'pattern' | 'none';
  /** The pattern that grants it. */
  readonly by: string | null;
}

export interface TableRow {
  /** As a policy writes it. */
  readonly pattern: string;
  /** `gone`: a line of its own names it, and the schema does not have it. */
  readonly kind: 'pattern' | 'table' | 'gone';
  readonly schema: string;
  /** Tables that a pattern matches now. */
  readonly matches: number;
  readonly operations: Readonly<Record<TableOperation, OperationState>>;
  readonly masked: number;
  readonly hidden: number;
  readonly filters: number;
  /** False: a name with a star can only be written in the text. */
  readonly isEditable: boolean;
}

/** Rows of patterns first, then of tables by name, then of names that the schema does not have. */
export function tableRows(policy: PolicyEntry, tables: readonly ModelTable[]): TableRow[] {
  const patterns = new Set(
    [...policy.grants.map(({ table }) => table), ...policy.rowFilters.map(({ table }) => table)].map(
      canonical,
    ),
  );
  const named = new Set(tables.map(({ schema, name }) => formatPattern([schema, name])));
  const wide = [...patterns].filter((pattern) => !isLiteral(pattern));
  const gone = [...patterns].filter((pattern) => isLiteral(pattern) && !named.has(pattern));
  const rowOf = (pattern: string, kind: TableRow['kind'], table: ModelTable | null): TableRow => ({
    pattern,
    kind,
    schema: parsePattern(pattern, 2)[0] ?? '',
    matches:
      kind === 'pattern' ? tables.filter((one) => matchesPattern(pattern, [one.schema, one.name])).length : 1,
    operations: operationsOf(policy, pattern, kind === 'pattern' ? null : pattern),
    ...countMasks(policy, table),
    filters: policy.rowFilters.filter(({ table: filtered }) => canonical(filtered) === pattern).length,
    isEditable: kind !== 'table' || isLiteral(pattern),
  });
  return [
    ...wide.map((pattern) => rowOf(pattern, 'pattern', null)),
    ...tables
      .map((table) => rowOf(formatPattern([table.schema, table.name]), 'table', table))
      .sort((one, other) => one.pattern.localeCompare(other.pattern)),
    ...gone.map((pattern) => rowOf(pattern, 'gone', null)),
  ];
}

/** The policy with an operation on a table pattern granted or taken away. */
export function setOperation(
  policy: PolicyEntry,
  pattern: string,
  change: { readonly operation: TableOperation; readonly isGranted: boolean },
): PolicyEntry {
  const before = ownOperations(policy, pattern);
  const after = change.isGranted
    ? [...before, change.operation]
    : before.filter((operation) => operation !== change.operation);
  return setOperations(policy, pattern, after);
}

/** The policy with exactly these operations on a table pattern; none removes its line. */
export function setOperations(
  policy: PolicyEntry,
  pattern: string,
  wanted: readonly TableOperation[],
): PolicyEntry {
  const operations = tableOperations.filter((operation) => wanted.includes(operation));
  const at = policy.grants.findIndex(({ table }) => canonical(table) === pattern);
  const others = policy.grants.filter(({ table }, index) => canonical(table) !== pattern || index === at);
  if (operations.length === 0) {
    return { ...policy, grants: others.filter(({ table }) => canonical(table) !== pattern) };
  }
  if (at < 0) return { ...policy, grants: [...policy.grants, { table: pattern, operations }] };
  return {
    ...policy,
    grants: others.map((grant) => (canonical(grant.table) === pattern ? { ...grant, operations } : grant)),
  };
}

/** A column with what the policy's masks make of it. */
export interface ColumnRow {
  readonly name: string;
  readonly type: string;
  /** As a policy writes it. */
  readonly pattern: string;
  /** The mask of its own line. */
  readonly own: DocumentMask | null;
  /** The strongest mask of all lines that match it. */
  readonly held: DocumentMask | null;
  readonly isEditable: boolean;
}

/** The columns of a table. */
export function columnRows(policy: PolicyEntry, table: ModelTable): ColumnRow[] {
  return table.columns.map(({ name, type }) => {
    const path = [table.schema, table.name, name];
    const pattern = formatPattern(path);
    const all = policy.masks.filter(({ column }) => matchesPattern(column, path));
    return {
      name,
      type,
      pattern,
      own: all.find(({ column }) => canonical(column) === pattern) ?? null,
      held: strongest(all),
      isEditable: path.every(isLiteralSegment),
    };
  });
}

/** The policy with this mask as the one of its column's own line; null removes the line. */
export function setMask(
  policy: PolicyEntry,
  pattern: string,
  mask: Omit<DocumentMask, 'column'> | null,
): PolicyEntry {
  const at = policy.masks.findIndex(({ column }) => canonical(column) === pattern);
  const others = policy.masks.filter(({ column }) => canonical(column) !== pattern);
  if (mask === null) return { ...policy, masks: others };
  const line: DocumentMask = { column: policy.masks[at]?.column ?? pattern, ...mask };
  return {
    ...policy,
    masks: at < 0 ? [...others, line] : others.toSpliced(Math.min(at, others.length), 0, line),
  };
}

/** The document with one policy replaced, added at the end, or (null) removed. */
export function withPolicy(
  document: PolicyDocument,
  name: string,
  policy: PolicyEntry | null,
): PolicyDocument {
  const has = document.policies.some((one) => one.name === name);
  const policies = document.policies.flatMap((one) => (one.name === name ? (policy ?? []) : one));
  return { ...document, policies: has || policy === null ? policies : [...policies, policy] };
}

/** Presets, strongest first: where several policies mask a column, the strongest holds. */
export function strongest(masks: readonly DocumentMask[]): DocumentMask | null {
  const rank = (preset: MaskPreset): number => maskPresets.indexOf(preset);
  return masks.toSorted((one, other) => rank(one.preset) - rank(other.preset))[0] ?? null;
}

/** Whether a stored name is matched by a pattern of a policy; false for a pattern that cannot be read. */
export function matchesPattern(pattern: string, path: readonly string[]): boolean {
  const segments = segmentsOf(pattern, path.length === 3 ? 3 : 2);
  return segments !== null && segments.every((segment, index) => matchesSegment(segment, path[index] ?? ''));
}

/** Why a text cannot be used as a pattern of tables; null: it can. */
export function patternProblem(text: string): string | null {
  try {
    parsePattern(text, 2);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : 'This is no pattern.';
  }
}

function operationsOf(
  policy: PolicyEntry,
  pattern: string,
  literal: string | null,
): Readonly<Record<TableOperation, OperationState>> {
  const own = ownOperations(policy, pattern);
  const path = literal === null ? null : segmentsOf(literal, 2);
  const stateOf = (operation: TableOperation): OperationState => {
    if (own.includes(operation)) return { state: 'own', by: pattern };
    const by = policy.grants.find(
      ({ table, operations }) =>
        path !== null && operations.includes(operation) && !isLiteral(table) && matchesPattern(table, path),
    );
    return by === undefined ? { state: 'none', by: null } : { state: 'pattern', by: by.table };
  };
  return {
    select: stateOf('select'),
    insert: stateOf('insert'),
    update: stateOf('update'),
    delete: stateOf('delete'),
  };
}

function ownOperations(policy: PolicyEntry, pattern: string): readonly TableOperation[] {
  return policy.grants
    .filter(({ table }) => canonical(table) === pattern)
    .flatMap(({ operations }) => operations);
}

function countMasks(policy: PolicyEntry, table: ModelTable | null): { masked: number; hidden: number } {
  if (table === null) return { masked: 0, hidden: 0 };
  const held = columnRows(policy, table).flatMap((column) => column.held ?? []);
  const hidden = held.filter(({ preset }) => preset === 'null').length;
  return { masked: held.length - hidden, hidden };
}

function isLiteral(pattern: string): boolean {
  return segmentsOf(pattern, 2)?.every(isLiteralSegment) ?? false;
}

/** One way of writing each pattern: `"public".a` is `public.a`. */
export function canonical(pattern: string): string {
  const segments = segmentsOf(pattern, 2) ?? segmentsOf(pattern, 3);
  return segments === null ? pattern : formatPattern(segments);
}

function segmentsOf(pattern: string, count: 2 | 3): readonly string[] | null {
  try {
    return parsePattern(pattern, count);
  } catch {
    return null;
  }
}
