import type { EffectiveAccess, TableAccess } from '@daam/shared/api/policies';
import { parseDuration } from '@daam/shared/policy/duration';
import type { EffectiveLimits, EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { matchesTable, parsePattern } from '@daam/shared/policy/pattern';
import type { RelationAccess } from '@daam/shared/sql/access';
import { describeTable, grantedTables, type PersonTable } from '@daam/shared/sql/person-access';
import type { Database } from '../db/entities/database.ts';
import type { KnownTables } from './known-tables.ts';
import { plain } from './plain.ts';
import type { PersonalPolicy, PolicyWorld } from './policy-world.ts';
import type { LocateRule } from './rule-places.ts';

/** Which tables are wanted, and from where on. */
export interface TablesAsked {
  readonly table?: string | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

export interface AccessAsked extends TablesAsked {
  readonly database: Pick<Database, 'id' | 'name' | 'epoch'>;
  readonly subject: EffectiveAccess['subject'];
  readonly personal: PersonalPolicy;
  readonly world: PolicyWorld;
  readonly tables: KnownTables;
  readonly locate: LocateRule;
  /** Values of row filters are not for members. */
  readonly showsValues: boolean;
}

/** Somebody's effective access: policies and why they have them, limits, and a page of tables. */
export function showEffectiveAccess(asked: AccessAsked): EffectiveAccess {
  const { database, subject, personal, tables } = asked;
  const policy = asked.showsValues ? personal.policy : withoutValues(personal.policy);
  const access = tables.resolve(personal.policy);
  const wanted = wantedTables(grantedTables(access), asked);
  const shown = wanted.slice(0, asked.limit);
  const last = shown.at(-1);
  return {
    database: { id: database.id, name: database.name },
    subject,
    epoch: database.epoch,
    policies: plain(personal.policies),
    schemaAt: tables.at,
    limits: limitsOf(asked),
    tables: shown.map((relation) =>
      showTable(describeTable(policy, relation, tables.catalog), tables, asked.locate),
    ),
    next: wanted.length > shown.length && last !== undefined ? cursorOf(last) : null,
  };
}

/** Cursor: the table's name, so that a page goes on where it was although tables come and go. */
function cursorOf({ schema, name }: RelationAccess): string {
  return JSON.stringify([schema, name]);
}

function wantedTables(
  all: readonly RelationAccess[],
  { table, after }: TablesAsked,
): readonly RelationAccess[] {
  const [schema = '*', name = '*'] = table === undefined ? [] : parsePattern(table, 2);
  const named = all.filter((relation) =>
    matchesTable({ schema, table: name }, { schema: relation.schema, table: relation.name }),
  );
  if (after === undefined) return named;
  const at = named.findIndex((relation) => cursorOf(relation) === after);
  return at >= 0 ? named.slice(at + 1) : named.filter((relation) => cursorOf(relation) > after);
}

function showTable(table: PersonTable, { at }: KnownTables, locate: LocateRule): TableAccess {
  return {
    schema: table.schema,
    table: table.table,
    isReported: at !== null,
    refusal: table.refusal,
    operations: table.operations.map(({ operation, rules }) => ({ operation, sources: rules.map(locate) })),
    rowFilters: table.rowFilters.map(({ text, rule }) => ({ text, source: locate(rule) })),
    columns: table.columns.map(({ rules, type, mask, ...column }) => ({
      ...column,
      mask: mask === null ? null : { ...mask },
      type: at === null ? null : type,
      sources: rules.map(locate),
    })),
  };
}

/** The same policy with filters that do not say their values. */
export function withoutValues(policy: EffectivePolicy): EffectivePolicy {
  return {
    ...policy,
    rowFilters: policy.rowFilters.map((filter) => ({
      ...filter,
      where: filter.where.map(({ value, ...condition }) =>
        value === undefined ? condition : { ...condition, value: Array.isArray(value) ? ['…'] : '…' },
      ),
    })),
  };
}

/** Limits in words, each with the policy that has the smallest. */
const limitTexts: Readonly<Record<keyof EffectiveLimits, (value: number) => string>> = {
  maxRows: (rows) => `at most ${rows} rows of a result`,
  statementTimeoutMs: (ms) => `statements end after ${inWords(ms)}`,
  idleTimeoutMs: (ms) => `idle sessions end after ${inWords(ms)}`,
  maxSessionDurationMs: (ms) => `sessions end after ${inWords(ms)}`,
  matchesPerStatement: (count) => `at most ${count} values of a statement are compared with masked columns`,
  matchesPerHour: (count) => `at most ${count} values an hour are compared with one masked column`,
};

function inWords(ms: number): string {
  const units = [
    [86_400_000, 'days'],
    [3_600_000, 'hours'],
    [60_000, 'minutes'],
    [1000, 'seconds'],
  ] as const;
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, 'milliseconds'];
  const count = ms / size;
  return `${count} ${count === 1 ? unit.replace(/s$/, '') : unit}`;
}

function limitsOf({ personal, world }: AccessAsked): EffectiveAccess['limits'] {
  return Object.entries(personal.policy.limits).map(([limit, value]) => ({
    limit,
    value,
    text: limitTexts[limit as keyof EffectiveLimits]?.(value) ?? limit,
    policy: holderOf(limit, value, { personal, world }),
  }));
}

/** The first of the person's policies that has exactly this limit. */
function holderOf(
  limit: string,
  value: number,
  { personal, world }: Pick<AccessAsked, 'personal' | 'world'>,
): string {
  const found = personal.policies.find(({ name }) => {
    const body = world.versions.get(name)?.body;
    return body !== undefined && limitInMs(body.limits, limit) === value;
  });
  return found?.name ?? '';
}

function limitInMs(limits: Readonly<Record<string, unknown>>, limit: string): number | null {
  const written = limits[limit.replace(/Ms$/, '')];
  if (typeof written === 'number') return written;
  return typeof written === 'string' ? parseDuration(written) : null;
}
