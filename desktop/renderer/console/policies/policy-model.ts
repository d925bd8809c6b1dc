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
import { formatPattern, isLiteralSegment } from '@daam/shared/policy/pattern';
import { canonical, matchesPattern } from './table-patterns.ts';
import type { ModelTable } from './table-rows.ts';

export type DocumentMask = PolicyEntry['masks'][number];
export type DocumentFilter = PolicyEntry['rowFilters'][number];

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

/** The policy with other operations on each of the patterns, made of those of its own line; other lines stay as they are. */
export function setOperationsOfMany(
  policy: PolicyEntry,
  patterns: readonly string[],
  change: (before: readonly TableOperation[]) => readonly TableOperation[],
): PolicyEntry {
  const own = Map.groupBy(policy.grants, ({ table }) => canonical(table));
  const wanted = new Map(
    patterns.map((pattern) => {
      const after = change((own.get(pattern) ?? []).flatMap(({ operations }) => operations));
      return [pattern, tableOperations.filter((operation) => after.includes(operation))];
    }),
  );
  const grants = policy.grants.flatMap((grant) => {
    const pattern = canonical(grant.table);
    const operations = wanted.get(pattern);
    if (operations === undefined) return [grant];
    // Its first line says it all; further lines of it go.
    return own.get(pattern)?.[0] === grant && operations.length > 0 ? [{ ...grant, operations }] : [];
  });
  const added = [...wanted].flatMap(([table, operations]) =>
    own.has(table) || operations.length === 0 ? [] : [{ table, operations }],
  );
  return { ...policy, grants: [...grants, ...added] };
}

/** The policy without these operations on the lines that write this pattern so. */
export function removeOperations(
  policy: PolicyEntry,
  written: string,
  gone: readonly TableOperation[],
): PolicyEntry {
  const kept = ownOperations(policy, canonical(written)).filter((operation) => !gone.includes(operation));
  return setOperations(policy, canonical(written), kept);
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

function ownOperations(policy: PolicyEntry, pattern: string): readonly TableOperation[] {
  return policy.grants
    .filter(({ table }) => canonical(table) === pattern)
    .flatMap(({ operations }) => operations);
}
