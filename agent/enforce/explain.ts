import { type ExplainAnswer, type Explanation, explainLimits } from '@daam/shared/api/explain';
import { maxAgentMessageBytes } from '@daam/shared/api/feed';
import type { EffectivePolicy, RuleOrigin } from '@daam/shared/policy/effective-policy';
import { matchesTable } from '@daam/shared/policy/pattern';
import type {
  ExplainedTable,
  OutputColumn,
  StatementExplanation,
  TextExplanation,
} from '@daam/shared/sql/explain/explanation';
import type { Denial, SessionNames } from '@daam/shared/sql/verdict';
import type { AccessView } from './decisions.ts';

/** A question about what would happen to a person's statement. */
export interface ExplainRequest {
  readonly view: AccessView;
  /** What the view was made from: it knows which policy grants what. */
  readonly policy: EffectivePolicy;
  readonly epoch: number;
  readonly elevationEnabled: boolean;
  readonly sql: string;
  /** With what only administrators see: the rewritten text, the values of row filters. */
  readonly full: boolean;
}

/**
 * Says what would happen to a statement in a session that this person opens now. Nothing is run and nothing reaches the
 * database: the gate is asked, in the analysis thread. The answer keeps to the ceilings of shared/api/explain.ts.
 */
export async function explainStatement(request: ExplainRequest): Promise<ExplainAnswer> {
  const { view, sql } = request;
  if (view.analysis === undefined) return { kind: 'failed', code: 'UNSUPPORTED' };
  const explained = await view.analysis.explain(sql, freshNames(request));
  if ('rule' in explained) return notAnalysed(explained);
  return { kind: 'explained', explanation: withinCeilings(present(request, explained)) };
}

/** The names of a session that is opened now. */
export function freshNames({
  view,
  elevationEnabled,
}: Pick<ExplainRequest, 'view' | 'elevationEnabled'>): SessionNames {
  return {
    searchPath: view.catalog.defaultSearchPath,
    searchPathTouched: false,
    tempRelations: new Set(),
    prepared: new Map(),
    elevationAvailable: elevationEnabled,
    opaqueObjects: false,
  };
}

function notAnalysed({ rule, message, hint }: Denial): ExplainAnswer {
  const code = rule === 'analysis-busy' ? 'AGENT_UNAVAILABLE' : 'STATEMENT_TOO_COMPLEX';
  return { kind: 'failed', code, message, ...(hint === null ? {} : { hint }) };
}

function present(request: ExplainRequest, explained: TextExplanation): Explanation {
  const { outcome, denial, tier, taint, statements, rewritten } = explained;
  const { rewritten: most } = explainLimits;
  const isCut = statements.some(isLong) || statements.length > explainLimits.statements;
  const isTextCut = request.full && rewritten !== null && rewritten.length > most;
  return {
    outcome,
    denial: denial === null ? null : presentDenial(denial),
    tier,
    taint,
    statements: statements
      .slice(0, explainLimits.statements)
      .map((statement) => presentStatement(request, statement)),
    ...(request.full ? { rewritten: rewritten?.slice(0, most) ?? null } : {}),
    epoch: request.epoch,
    truncated: isCut || isTextCut,
  };
}

function isLong({ tables, columns, matches }: StatementExplanation): boolean {
  return (
    tables.length > explainLimits.tables ||
    (columns?.length ?? 0) > explainLimits.columns ||
    (columns ?? []).some(({ masks }) => masks.length > explainLimits.masksOfColumn) ||
    matches.length > explainLimits.conditions
  );
}

function presentStatement(
  request: ExplainRequest,
  { text, command, reason, denial, tables, columns, matches, ...rest }: StatementExplanation,
): Explanation['statements'][number] {
  return {
    ...rest,
    text: short(text),
    command: command === null ? null : short(command),
    reason: reason === null ? null : short(reason),
    denial: denial === null ? null : presentDenial(denial),
    tables: tables.slice(0, explainLimits.tables).map((table) => presentTable(request, table)),
    columns: columns?.slice(0, explainLimits.columns).map(presentColumn) ?? null,
    matches: matches.slice(0, explainLimits.conditions).map((match) => ({
      schema: short(match.schema),
      table: short(match.table),
      column: short(match.column),
      literals: match.literals,
    })),
  };
}

function presentTable(
  { policy, full }: ExplainRequest,
  { schema, name, operation, masked, rowFilter }: ExplainedTable,
): Explanation['statements'][number]['tables'][number] {
  const grants = policy.grants.filter(
    (grant) => grant.operations.includes(operation) && matchesTable(grant, { schema, table: name }),
  );
  return {
    schema: short(schema),
    name: short(name),
    operation,
    masked,
    policies: presentOrigins(grants.map(({ origin }) => origin)),
    rowFilter:
      rowFilter === null
        ? null
        : {
            conditions: rowFilter.conditions
              .slice(0, explainLimits.conditions)
              .map(({ column, operator, values }) => ({
                column: short(column),
                operator,
                ...(full ? { values: values.slice(0, explainLimits.values).map(short) } : {}),
              })),
            policies: presentOrigins(rowFilter.origins),
          },
  };
}

function presentColumn({
  name,
  kind,
  masks,
}: OutputColumn): NonNullable<Explanation['statements'][number]['columns']>[number] {
  return {
    name: name === null ? null : short(name),
    kind,
    masks: masks
      .slice(0, explainLimits.masksOfColumn)
      .map(({ schema, table, column, preset, matchEquality, origin }) => ({
        schema: short(schema),
        table: short(table),
        column: short(column),
        preset,
        match: matchEquality ? ('equality' as const) : ('none' as const),
        policy: presentOrigin(origin),
      })),
  };
}

function presentDenial({
  rule,
  sqlstate,
  message,
  detail,
  hint,
  position,
}: Denial): NonNullable<Explanation['denial']> {
  return {
    rule: rule.slice(0, 64),
    sqlstate,
    message: short(message),
    detail: detail === null ? null : short(detail),
    hint: hint === null ? null : short(hint),
    position,
  };
}

function presentOrigins(origins: readonly RuleOrigin[]): { policy: string; version: number }[] {
  const unique = new Map(origins.map((origin) => [`${origin.policy}\u0000${origin.version}`, origin]));
  return [...unique.values()].slice(0, explainLimits.conditions).map(presentOrigin);
}

function presentOrigin({ policy, version }: RuleOrigin): { policy: string; version: number } {
  return { policy: short(policy), version };
}

function short(text: string): string {
  return text.length > explainLimits.shortText ? `${text.slice(0, explainLimits.shortText - 1)}…` : text;
}

/** Room for the message around the explanation. */
const maxBytes = maxAgentMessageBytes - 1024;

/** What is still too large for one message loses its longest parts first. */
function withinCeilings(explanation: Explanation): Explanation {
  const lighter: ((from: Explanation) => Explanation)[] = [
    (from) => from,
    (from) => ('rewritten' in from ? { ...from, rewritten: null } : from),
    (from) => ({
      ...from,
      statements: from.statements.map((one) => ({
        ...one,
        columns:
          one.columns?.slice(0, 20).map((column) => ({ ...column, masks: column.masks.slice(0, 1) })) ?? null,
        tables: one.tables.slice(0, 10),
      })),
    }),
    (from) => ({ ...from, statements: from.statements.slice(0, 5) }),
    (from) => ({ ...from, statements: [] }),
  ];
  let light = explanation;
  for (const [step, lighten] of lighter.entries()) {
    light = { ...lighten(light), truncated: explanation.truncated || step > 0 };
    if (Buffer.byteLength(JSON.stringify(light)) <= maxBytes) return light;
  }
  return light;
}
