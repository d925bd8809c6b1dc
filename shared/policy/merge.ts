import { canonicalJson } from '../base/canonical-json.ts';
import type { PolicyBody } from './document.ts';
import { parseDuration } from './duration.ts';
import {
  type EffectiveGrant,
  type EffectiveLimits,
  type EffectiveMask,
  type EffectivePolicy,
  type EffectiveRowFilter,
  type EffectiveUnmask,
  type FilterScalar,
  type RuleOrigin,
  tableOperations,
} from './effective-policy.ts';
import { parsePattern } from './pattern.ts';
import { compareMasks, compareOrigins, isAtLeastAsRestrictive } from './restrictiveness.ts';
import { expandTemplate, type UserAttributes } from './template.ts';

/** A policy in one version, as the control plane stores it. */
export interface PolicyVersion {
  readonly name: string;
  readonly version: number;
  readonly body: PolicyBody;
}

type Filter = EffectiveRowFilter['where'][number];

/**
 * What one person may do: the merge of every policy that is assigned to them. Grants unite, masks of the
 * same pattern are reduced to those that no other makes superfluous, row filters all apply with the
 * person's attributes put in, the smallest limit wins. The result does not depend on the order given;
 * masks of different patterns that meet on one column are combined by `combineMasks` once tables are known.
 */
export function mergePolicies(
  database: string,
  policies: readonly PolicyVersion[],
  userAttributes: UserAttributes = {},
): EffectivePolicy {
  return mergeEffective(
    database,
    policies.map((policy) => liftPolicy(database, policy, userAttributes)),
  );
}

/** Merges what was merged before: associative, commutative and idempotent. */
export function mergeEffective(database: string, parts: readonly EffectivePolicy[]): EffectivePolicy {
  const unmasks = mergeUnmasks(parts.flatMap((part) => part.unmasks ?? []));
  return {
    database,
    grants: mergeGrants(parts.flatMap((part) => part.grants)),
    masks: mergeMasks(parts.flatMap((part) => part.masks)),
    // Left out where there is none: agents from before access requests know no such member.
    ...(unmasks.length === 0 ? {} : { unmasks }),
    // Recording more takes nothing away, so one policy that wants it is enough.
    ...(parts.some((part) => part.audit !== undefined) ? { audit: { parameters: true } as const } : {}),
    rowFilters: sortedUnique(parts.flatMap((part) => part.rowFilters)),
    limits: smallestLimits(parts.map((part) => part.limits)),
    policies: sortedUnique(parts.flatMap((part) => part.policies)),
  };
}

/** One policy as the effective policy of whoever has it alone. */
export function liftPolicy(
  database: string,
  policy: PolicyVersion,
  attributes: UserAttributes,
): EffectivePolicy {
  const origin: RuleOrigin = { policy: policy.name, version: policy.version };
  const { body } = policy;
  return {
    database,
    grants: body.grants.map(({ table, operations }) => ({ ...splitTable(table), operations, origin })),
    masks: body.masks.map((mask) => liftMask(mask, origin)),
    rowFilters: body.rowFilters.map(({ table, where }) => ({
      ...splitTable(table),
      where: where.map((condition) => liftCondition(condition, attributes)),
      origin,
    })),
    limits: liftLimits(body.limits),
    ...(body.audit?.parameters === true ? { audit: { parameters: true } as const } : {}),
    policies: [origin],
  };
}

function splitTable(pattern: string): { schema: string; table: string } {
  const [schema = '', table = ''] = parsePattern(pattern, 2);
  return { schema, table };
}

function liftMask(mask: PolicyBody['masks'][number], origin: RuleOrigin): EffectiveMask {
  const [schema = '', table = '', column = ''] = parsePattern(mask.column, 3);
  return {
    schema,
    table,
    column,
    preset: mask.preset,
    ...(mask.preset === 'partial' ? { prefix: mask.prefix ?? 0, suffix: mask.suffix ?? 0 } : {}),
    ...(mask.as === undefined ? {} : { as: mask.as }),
    ...(mask.match === undefined ? {} : { match: mask.match }),
    origin,
  };
}

type Condition = PolicyBody['rowFilters'][number]['where'][number];

/** Attributes that are missing or of another shape make a condition that matches nothing and says why. */
function liftCondition({ column, operator, value }: Condition, attributes: UserAttributes): Filter {
  if (value === undefined) return { column, operator };
  const given: readonly FilterScalar[] = Array.isArray(value) ? value : [value];
  const values: FilterScalar[] = [];
  for (const item of given) {
    const expanded =
      typeof item === 'string'
        ? expandTemplate(item, attributes)
        : { kind: 'values' as const, values: [item] };
    if (expanded.kind === 'problem') return matchesNothing(column, expanded.problem);
    values.push(...expanded.values);
  }
  if (operator === 'in') return { column, operator, value: values };
  const only = values[0];
  return values.length === 1 && only !== undefined
    ? { column, operator, value: only }
    : matchesNothing(
        column,
        `${operator} takes one value, and the attribute of this user holds ${values.length}`,
      );
}

function matchesNothing(column: string, problem: string): Filter {
  return { column, operator: 'in', value: [], problem };
}

function liftLimits(limits: PolicyBody['limits']): EffectiveLimits {
  const { maxRows, statementTimeout, idleTimeout, maxSessionDuration } = limits;
  const { matchesPerStatement, matchesPerHour } = limits;
  return {
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(statementTimeout === undefined ? {} : { statementTimeoutMs: parseDuration(statementTimeout) }),
    ...(idleTimeout === undefined ? {} : { idleTimeoutMs: parseDuration(idleTimeout) }),
    ...(maxSessionDuration === undefined ? {} : { maxSessionDurationMs: parseDuration(maxSessionDuration) }),
    ...(matchesPerStatement === undefined ? {} : { matchesPerStatement }),
    ...(matchesPerHour === undefined ? {} : { matchesPerHour }),
  };
}

/** One grant for each pattern and policy, its operations united. */
function mergeGrants(grants: readonly EffectiveGrant[]): readonly EffectiveGrant[] {
  const byKey = Map.groupBy(grants, ({ schema, table, columns, origin }) =>
    canonicalJson([schema, table, columns ?? null, origin]),
  );
  const merged = [...byKey.values()].flatMap((same) => {
    const first = same[0];
    if (first === undefined) return [];
    const all = new Set(same.flatMap((grant) => grant.operations));
    return [{ ...first, operations: tableOperations.filter((operation) => all.has(operation)) }];
  });
  return sortedUnique(merged);
}

/** Of the masks with one pattern, those that are not made superfluous by another. */
function mergeMasks(masks: readonly EffectiveMask[]): readonly EffectiveMask[] {
  const byPattern = Map.groupBy(masks, ({ schema, table, column }) => canonicalJson([schema, table, column]));
  const merged: EffectiveMask[] = [];
  for (const same of byPattern.values()) {
    const sorted = same.toSorted(
      (a, b) => compareMasks(a, b) || compareOrigins(a.origin, b.origin) || compareTexts(a, b),
    );
    const kept: EffectiveMask[] = [];
    for (const mask of sorted) {
      if (!kept.some((stronger) => isAtLeastAsRestrictive(stronger, mask))) kept.push(mask);
    }
    merged.push(...kept);
  }
  return sortedUnique(merged);
}

/** Each was approved for itself, so of several on one column the one that shows most holds. */
function mergeUnmasks(unmasks: readonly EffectiveUnmask[]): readonly EffectiveUnmask[] {
  const byColumn = Map.groupBy(unmasks, ({ schema, table, column }) =>
    canonicalJson([schema, table, column]),
  );
  const merged = [...byColumn.values()].flatMap((same) => same.toSorted(compareUnmasks).slice(-1));
  return sortedUnique(merged);
}

function compareUnmasks(a: EffectiveUnmask, b: EffectiveUnmask): number {
  if (a.mask === null || b.mask === null) {
    return (a.mask === null ? 1 : 0) - (b.mask === null ? 1 : 0) || compareOrigins(a.origin, b.origin);
  }
  return compareMasks(a.mask, b.mask) || compareOrigins(a.origin, b.origin);
}

function smallestLimits(all: readonly EffectiveLimits[]): EffectiveLimits {
  const smallest: Record<string, number> = {};
  for (const limits of all) {
    for (const [key, value] of Object.entries(limits) as [string, number | undefined][]) {
      if (value !== undefined) smallest[key] = Math.min(smallest[key] ?? value, value);
    }
  }
  return smallest;
}

function compareTexts(a: EffectiveMask, b: EffectiveMask): number {
  return canonicalJson(a) < canonicalJson(b) ? -1 : 1;
}

/** By canonical text, duplicates left out: two merges of the same parts are equal byte by byte. */
function sortedUnique<Item>(items: readonly Item[]): readonly Item[] {
  const byText = new Map(items.map((item) => [canonicalJson(item), item]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
