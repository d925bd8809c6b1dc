import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import { AppError } from '../errors/app-error.ts';
import { maskSchema, parseWith, pattern } from './document.ts';
import {
  type EffectivePolicy,
  type EffectiveUnmask,
  maskPresets,
  type RuleOrigin,
  tableOperations,
} from './effective-policy.ts';
import { liftPolicy, mergeEffective } from './merge.ts';
import { formatPattern, isLiteralSegment, matchesSegment, parsePattern } from './pattern.ts';
import { isAtLeastAsRestrictive } from './restrictiveness.ts';

/**
 * What an access request without a policy of its own asks for: tables, columns and mask levels. Once approved it holds
 * beside the person's policies for a window. Grants add, masks add as in a policy, and `unmask` alone takes the place
 * of masks, column by column. Row filters and limits of the person's policies hold on.
 */

const maxTables = 100;
const maxColumns = 500;

const literalColumn = pattern(3).refine((text) => !text.includes('*'), 'name one column, without wildcards');

const columnName = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text, 'utf8') <= 63 && !/\p{Cc}/u.test(text), 'not a column name');

const requestedTable = z
  .strictObject({
    table: pattern(2),
    operations: z
      .array(z.enum(tableOperations))
      .min(1)
      .max(tableOperations.length)
      .refine((all) => new Set(all).size === all.length, 'an operation is named twice')
      .default(['select']),
    /** Only these are shown, unless a policy shows the others too. Absent: every column. */
    columns: z.array(columnName).min(1).max(maxColumns).optional(),
  })
  .superRefine(({ table, operations, columns }, context) => {
    if (columns === undefined) return;
    const issue = (message: string) => context.addIssue({ code: 'custom', path: ['columns'], message });
    if (table.includes('*')) issue('columns can be named for one table only');
    if (operations.some((operation) => operation !== 'select')) issue('columns can be named for select only');
  });

const requestedLevel = z
  .strictObject({
    column: literalColumn,
    /** `none`: the value itself. */
    to: z.enum(['none', ...maskPresets]).default('none'),
    prefix: z.int().min(0).max(64).optional(),
    suffix: z.int().min(0).max(64).optional(),
  })
  .superRefine(({ to, prefix, suffix }, context) => {
    const isShown = prefix !== undefined || suffix !== undefined;
    if (isShown === (to === 'partial')) return;
    const message = isShown
      ? 'only the level partial has prefix and suffix'
      : 'partial needs prefix or suffix';
    context.addIssue({ code: 'custom', path: ['to'], message });
  });

/** The document of an ad-hoc request. Parsing fills in defaults; a parsed document parses to itself. */
export const temporaryAccessSchema = z
  .strictObject({
    tables: z.array(requestedTable).max(maxTables).default([]),
    masks: z.array(maskSchema).max(maxColumns).default([]),
    unmask: z.array(requestedLevel).max(maxColumns).default([]),
  })
  .refine(({ tables, unmask }) => tables.length + unmask.length > 0, {
    path: ['tables'],
    message: 'name at least one table, or a column to unmask',
  });
export type TemporaryAccess = z.infer<typeof temporaryAccessSchema>;

/**
 * Checks what came as plain values, and that nothing is named twice: a table's operation, one of its columns, a column to
 * unmask. Throws INVALID_POLICY with the path of the first thing that is wrong.
 */
export function parseTemporaryAccess(value: unknown): TemporaryAccess {
  const access = parseWith(temporaryAccessSchema, value);
  const operations = new Set<string>();
  for (const [at, { table, operations: named, columns = [] }] of access.tables.entries()) {
    const name = canonicalName(table, 2);
    for (const operation of named) addOnce(operations, `${operation} ${name}`, `tables[${at}]`);
    if (new Set(columns).size < columns.length) throw namedTwice(`tables[${at}].columns`);
  }
  const unmasked = new Set<string>();
  for (const [at, { column }] of access.unmask.entries())
    addOnce(unmasked, canonicalName(column, 3), `unmask[${at}]`);
  return access;
}

/** A document that was taken before names had to be there once only. */
export function readStoredAccess(value: unknown): TemporaryAccess {
  return parseWith(temporaryAccessSchema, value);
}

function addOnce(known: Set<string>, name: string, field: string): void {
  if (known.has(name)) throw namedTwice(field);
  known.add(name);
}

function namedTwice(field: string): AppError {
  return new AppError('INVALID_POLICY', {
    field,
    message: `${field}: names what is named already`,
    hint: 'Name each table’s operation and each column once.',
  });
}

/** An approved ad-hoc request, and the name that refusals and explanations give it. */
export interface TemporaryGrant {
  readonly origin: RuleOrigin;
  readonly access: TemporaryAccess;
}

/** A person's policy while windows are open. Never shows less of a table than `standing` but for masks that a grant adds. */
export function withTemporaryAccess(
  standing: EffectivePolicy,
  grants: readonly TemporaryGrant[],
): EffectivePolicy {
  return mergeEffective(standing.database, [
    standing,
    ...grants.map((grant) => liftAccess(standing.database, grant)),
  ]);
}

function liftAccess(database: string, { origin, access }: TemporaryGrant): EffectivePolicy {
  const body = {
    grants: access.tables.map(({ table, operations }) => ({ table, operations })),
    masks: access.masks,
    rowFilters: [],
    limits: {},
  };
  const lifted = liftPolicy(database, { name: origin.policy, version: origin.version, body }, {});
  return {
    ...lifted,
    grants: lifted.grants.map((grant, at) => {
      const columns = access.tables[at]?.columns;
      return columns === undefined ? grant : { ...grant, columns: [...new Set(columns)].toSorted() };
    }),
    unmasks: access.unmask.map((level) => liftLevel(level, origin)),
  };
}

type RequestedLevel = TemporaryAccess['unmask'][number];

function liftLevel(level: RequestedLevel, origin: RuleOrigin): EffectiveUnmask {
  const [schema = '', table = '', column = ''] = parsePattern(level.column, 3);
  return { schema, table, column, mask: maskOf(level), origin };
}

function maskOf({ to, prefix, suffix }: RequestedLevel): EffectiveUnmask['mask'] {
  if (to === 'none') return null;
  return to === 'partial' ? { preset: to, prefix: prefix ?? 0, suffix: suffix ?? 0 } : { preset: to };
}

/**
 * Where a document gives more than another: the path of the first such place in `granted`, null when there is none.
 * Errs on the side of "more": a pattern counts as covered only by an equal one, by `*`, or by one that its name matches.
 */
export function findExcess(granted: TemporaryAccess, requested: TemporaryAccess): string | null {
  const [given, wanted] = [readyToCompare(granted), readyToCompare(requested)];
  const table = given.tables.findIndex(
    (item) =>
      !item.operations.every((operation) =>
        wanted.tables.some((each) => each.operations.includes(operation) && covers(each, item)),
      ),
  );
  if (table >= 0) return `tables[${table}]`;
  const level = given.unmask.findIndex(
    ({ column, mask }) => !wanted.levels.get(column)?.some((each) => reaches(each, mask)),
  );
  if (level >= 0) return `unmask[${level}]`;
  return [...wanted.masks].every((mask) => given.masks.has(mask)) ? null : 'masks';
}

interface ComparedTable {
  readonly segments: readonly string[];
  readonly operations: RequestedTable['operations'];
  readonly columns: ReadonlySet<string> | null;
}

/** A document whose patterns are read: it is compared with hundreds of others. */
interface ComparedAccess {
  readonly tables: readonly ComparedTable[];
  readonly unmask: readonly { readonly column: string; readonly mask: EffectiveUnmask['mask'] }[];
  /** What may be shown, by column. */
  readonly levels: ReadonlyMap<string, readonly EffectiveUnmask['mask'][]>;
  readonly masks: ReadonlySet<string>;
}

const compared = new WeakMap<TemporaryAccess, ComparedAccess>();

function readyToCompare(access: TemporaryAccess): ComparedAccess {
  const known = compared.get(access);
  if (known !== undefined) return known;
  const unmask = access.unmask.map((level) => ({
    column: canonicalName(level.column, 3),
    mask: maskOf(level),
  }));
  const levels = new Map<string, EffectiveUnmask['mask'][]>();
  for (const { column, mask } of unmask) levels.set(column, [...(levels.get(column) ?? []), mask]);
  const ready: ComparedAccess = {
    tables: access.tables.map(({ table, operations, columns }) => ({
      segments: parsePattern(table, 2),
      operations,
      columns: columns === undefined ? null : new Set(columns),
    })),
    unmask,
    levels,
    masks: new Set(access.masks.map((mask) => canonicalJson(mask))),
  };
  compared.set(access, ready);
  return ready;
}

function canonicalName(text: string, count: 2 | 3): string {
  return formatPattern(parsePattern(text, count));
}

type RequestedTable = TemporaryAccess['tables'][number];

function covers(wide: ComparedTable, narrow: ComparedTable): boolean {
  const isNamed = narrow.segments.every((segment, at) => coversSegment(wide.segments[at] ?? '', segment));
  if (!isNamed) return false;
  return wide.columns === null || isAmong(narrow.columns, wide.columns);
}

function isAmong(columns: ReadonlySet<string> | null, others: ReadonlySet<string>): boolean {
  return columns !== null && [...columns].every((column) => others.has(column));
}

function coversSegment(wide: string, narrow: string): boolean {
  return wide === narrow || wide === '*' || (isLiteralSegment(narrow) && matchesSegment(wide, narrow));
}

function reaches(wanted: EffectiveUnmask['mask'], given: EffectiveUnmask['mask']): boolean {
  return wanted === null || (given !== null && isAtLeastAsRestrictive(given, wanted));
}
