import { canonicalJson } from '../base/canonical-json.ts';
import type { PolicyDocument, PolicyEntry } from './document.ts';
import { type TableOperation, tableOperations } from './effective-policy.ts';

/**
 * A policy taken apart into what is compared and merged by itself: the operations on one table pattern, the masks of one
 * column pattern, the filters of one table pattern, one limit, one person, one group. Two policies that say the same in
 * another order have the same parts.
 */
export interface PolicyParts {
  readonly grants: ReadonlyMap<string, readonly TableOperation[]>;
  readonly masks: ReadonlyMap<string, readonly DocumentMask[]>;
  readonly rowFilters: ReadonlyMap<string, readonly DocumentFilter[]>;
  /** Limits by name; further settings of the policy as `audit.parameters`. */
  readonly limits: ReadonlyMap<string, Setting>;
  readonly users: ReadonlyMap<string, true>;
  readonly groups: ReadonlyMap<string, true>;
}

/** The names of the parts, in the order in which people read them. */
export const partNames = ['grants', 'masks', 'rowFilters', 'limits', 'users', 'groups'] as const;
export type PartName = (typeof partNames)[number];

export type Setting = string | number | boolean;
type Mask = PolicyEntry['masks'][number];
/** A mask without the column that it is on. */
export type DocumentMask = Omit<Mask, 'column'>;
/** The conditions of one filter; all apply. */
export type DocumentFilter = PolicyEntry['rowFilters'][number]['where'];

/** The parts of one policy. */
export function partsOf(entry: PolicyEntry): PolicyParts {
  return {
    grants: new Map(
      [...Map.groupBy(entry.grants, ({ table }) => table)].map(([table, same]) => {
        const all = new Set(same.flatMap(({ operations }) => operations));
        return [table, tableOperations.filter((operation) => all.has(operation))];
      }),
    ),
    masks: grouped(entry.masks, ({ column }) => column, withoutColumn),
    rowFilters: grouped(
      entry.rowFilters,
      ({ table }) => table,
      ({ where }) => where,
    ),
    limits: settingsOf(entry),
    users: new Map(entry.assign.users.map((email) => [email.toLowerCase(), true])),
    groups: new Map(entry.assign.groups.map((name) => [name, true])),
  };
}

/** The policy that has these parts. */
export function entryOf(name: string, parts: PolicyParts): PolicyEntry {
  const settings = [...parts.limits].filter(([key]) => key.includes('.'));
  const further: Record<string, Record<string, Setting>> = {};
  for (const [key, value] of settings) {
    const at = key.indexOf('.');
    const top = key.slice(0, at);
    further[top] = { ...further[top], [key.slice(at + 1)]: value };
  }
  return {
    name,
    grants: [...parts.grants].map(([table, operations]) => ({ table, operations: [...operations] })),
    masks: [...parts.masks].flatMap(([column, masks]) => masks.map((mask) => ({ column, ...mask }))),
    rowFilters: [...parts.rowFilters].flatMap(([table, filters]) =>
      filters.map((where) => ({ table, where: [...where] })),
    ),
    limits: Object.fromEntries([...parts.limits].filter(([key]) => !key.includes('.'))),
    ...further,
    assign: { users: [...parts.users.keys()], groups: [...parts.groups.keys()] },
  };
}

/** Policies of a document by name. */
export function entriesByName(document: PolicyDocument): ReadonlyMap<string, PolicyEntry> {
  return new Map(document.policies.map((entry) => [entry.name, entry]));
}

/**
 * A filter in words: `region in ({{user.attributes.regions}}) and closed_at is null`. Whoever signs it reads all of it:
 * each value of a list, and in quotes what could be taken for another condition or another line.
 */
export function describeFilter(where: DocumentFilter): string {
  return where.map(conditionText).join(' and ');
}

function conditionText({ column, operator, value }: DocumentFilter[number]): string {
  if (value === undefined) return `${quoted(column)} ${operator.replaceAll('_', ' ')}`;
  const values = (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(quoted);
  return `${quoted(column)} ${operator} ${operator === 'in' ? `(${values.join(', ')})` : (values[0] ?? '')}`;
}

function quoted(value: unknown): string {
  const text = String(value);
  if (/^[\p{L}\p{N}_.@{}:+/-]+$/u.test(text)) return text;
  return JSON.stringify(text).replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

/** Whether two parts are the same; the order of masks and filters means nothing. */
export function isSamePart(a: unknown, b: unknown): boolean {
  return canonicalJson(ordered(a)) === canonicalJson(ordered(b));
}

function ordered(part: unknown): unknown {
  if (part === undefined) return null;
  return Array.isArray(part) ? part.map((item) => canonicalJson(item)).toSorted() : part;
}

function withoutColumn(mask: Mask): DocumentMask {
  const rest: Partial<Mask> = { ...mask };
  delete rest.column;
  return rest as DocumentMask;
}

function grouped<Item, Part>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  partOf: (item: Item) => Part,
): ReadonlyMap<string, readonly Part[]> {
  return new Map([...Map.groupBy(items, keyOf)].map(([key, same]) => [key, same.map(partOf)]));
}

const known = new Set(['name', 'grants', 'masks', 'rowFilters', 'limits', 'assign']);

function settingsOf(entry: PolicyEntry): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>(
    Object.entries(entry.limits).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  for (const [top, value] of Object.entries(entry) as [string, unknown][]) {
    if (known.has(top) || typeof value !== 'object' || value === null) continue;
    for (const [key, setting] of Object.entries(value)) {
      if (isSetting(setting)) settings.set(`${top}.${key}`, setting);
    }
  }
  return settings;
}

function isSetting(value: unknown): value is Setting {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
