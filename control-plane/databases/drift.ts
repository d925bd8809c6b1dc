import { type DriftFinding, driftKinds } from '@daam/shared/api/database-schema';
import type { PolicyBody } from '@daam/shared/policy/document';
import { matchesSegment, matchesTable, parsePattern } from '@daam/shared/policy/pattern';
import type { DatabaseSchema, ReportedTable } from '@daam/shared/sql/database-schema';
import { isInScope } from '@daam/shared/sql/schema-catalog';
import { isMasked, isOwn, mayRead, type ResolvedPolicy, suggestionsOf } from './suggestions.ts';

/**
 * Where the policies in force and the database do not fit: rules that name nothing, and tables and columns that appeared
 * after a policy was written and that its patterns reach.
 */

/** One rule of a policy as the document has it. */
export interface Rule {
  readonly kind: 'grant' | 'mask' | 'filter';
  /** `masks[2]`. */
  readonly path: string;
  readonly pattern: string;
  readonly schema: string;
  readonly table: string;
  /** Of masks. */
  readonly column: string | null;
  /** Of filters: the columns of its conditions. */
  readonly columns: readonly string[];
}

/** The rules of a policy that name tables or columns. */
export function rulesOf({ grants, masks, rowFilters }: PolicyBody): readonly Rule[] {
  const none = { column: null, columns: [] };
  return [
    ...grants.map(({ table }, at) => ({
      kind: 'grant' as const,
      path: `grants[${at}]`,
      ...tableRule(table),
      ...none,
    })),
    ...masks.map(({ column }, at) => {
      const [schema = '', table = '', name = ''] = parsePattern(column, 3);
      const names = { schema, table, column: name, columns: [] };
      return { kind: 'mask' as const, path: `masks[${at}]`, pattern: column, ...names };
    }),
    ...rowFilters.map(({ table, where }, at) => ({
      kind: 'filter' as const,
      path: `rowFilters[${at}]`,
      ...tableRule(table),
      column: null,
      columns: where.map(({ column }) => column),
    })),
  ];
}

function tableRule(pattern: string) {
  const [schema = '', table = ''] = parsePattern(pattern, 2);
  return { pattern, schema, table };
}

/** Whether a rule names anything of a schema. */
export function namesAnything(rule: Rule, { tables }: DatabaseSchema): boolean {
  return tables.some(
    (table) =>
      isNamed(rule, table) &&
      (rule.column === null || table.columns.some(({ name }) => matchesSegment(rule.column ?? '', name))),
  );
}

function isNamed(rule: Rule, { schema, name }: ReportedTable): boolean {
  return matchesTable(rule, { schema, table: name });
}

/** What is known of a rule that names nothing now: when the version came since which it does not. */
export type GoneSince = (rule: Rule) => string | null;

/** Rules of one policy that name nothing, filters whose columns are not there, grants outside of the agent's scope. */
export function ruleDrift(
  { name, body }: { readonly name: string; readonly body: PolicyBody },
  schema: DatabaseSchema,
  goneSince: GoneSince,
): DriftFinding[] {
  return rulesOf(body).flatMap((rule) => {
    const { path, pattern } = rule;
    const finding = (
      kind: DriftFinding['kind'],
      severity: DriftFinding['severity'],
      rest: Pick<DriftFinding, 'object' | 'message' | 'since'>,
    ): DriftFinding => ({ kind, severity, rule: { policy: name, path, pattern }, ...rest });
    if (!namesAnything(rule, schema)) {
      const since = goneSince(rule);
      const what = rule.kind === 'mask' ? 'column' : 'table';
      return since === null
        ? finding('matches-nothing', 'warning', {
            object: null,
            message: `${pattern} names no ${what} of this database: a misspelling, most likely.`,
            since,
          })
        : finding('gone', 'warning', {
            object: pattern.includes('*') ? null : pattern,
            message: `What ${pattern} names is not in the database any more; it may have another name now.`,
            since,
          });
    }
    return schema.tables
      .filter((table) => isNamed(rule, table))
      .flatMap((table) => {
        const object = `${table.schema}.${table.name}`;
        const missing = rule.columns.filter((column) => !table.columns.some((each) => each.name === column));
        if (missing.length > 0) {
          const message = `The row filter asks for ${missing.join(', ')}, which ${object} does not have: the table is refused.`;
          return finding('filter-column-missing', 'warning', { object, message, since: null });
        }
        if (rule.kind !== 'grant' || isInScope(schema, table)) return [];
        const message = `${object} is granted, and the agent’s own configuration (upstream.scope) leaves it out.`;
        return finding('out-of-scope', 'info', { object, message, since: null });
      });
  });
}

/** What a policy was written for: the newest schema that was known then, and since when there is more. */
export interface Baseline {
  readonly schema: DatabaseSchema;
  /** When the first version after it came. */
  readonly since: string;
}

/** Tables and columns that are newer than a policy and that it reaches. */
export function reachDrift(
  { policy, access }: ResolvedPolicy,
  schema: DatabaseSchema,
  { schema: before, since }: Baseline,
): DriftFinding[] {
  const known = new Map(before.tables.map((table) => [`${table.schema}.${table.name}`, table]));
  const grants = rulesOf(policy.body).filter(({ kind }) => kind === 'grant');
  return schema.tables.flatMap((table) => {
    const relation = access.relations.get(table.oid);
    if (relation === undefined || (table.parents ?? []).length > 0) return [];
    const object = `${table.schema}.${table.name}`;
    const grant = grants.find((rule) => isNamed(rule, table));
    const rule = { policy: policy.name, path: grant?.path ?? 'grants', pattern: grant?.pattern ?? object };
    const former = known.get(object);
    const findings: DriftFinding[] = [];
    if (former === undefined && rule.pattern.includes('*')) {
      const message = `${object} is newer than the policy, which grants it by ${rule.pattern}.`;
      findings.push({ kind: 'newly-granted', severity: 'info', rule, object, message, since });
    }
    const old = new Set(former?.columns.map(({ name }) => name));
    const hasNew = table.columns.some(({ name }) => !old.has(name));
    if (!hasNew || !mayRead(access, table) || !isOwn(table)) return findings;
    for (const { column, confidence, reason } of suggestionsOf(table)) {
      if (old.has(column) || confidence === 'low' || isMasked(access, table, column)) continue;
      const message = `The column ${column} is newer than the policy and is shown as it is. ${reason}`;
      findings.push({
        kind: 'newly-exposed',
        severity: 'critical',
        rule,
        object: `${object}.${column}`,
        message,
        since,
      });
    }
    return findings;
  });
}

const severities = ['critical', 'warning', 'info'] as const;

/** The most severe first, then by kind, policy and rule. */
export function byDriftWeight(a: DriftFinding, b: DriftFinding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    driftKinds.indexOf(a.kind) - driftKinds.indexOf(b.kind) ||
    compare(`${a.rule.policy} ${a.rule.path} ${a.object}`, `${b.rule.policy} ${b.rule.path} ${b.object}`)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
