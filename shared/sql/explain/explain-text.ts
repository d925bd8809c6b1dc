import type { Gate, GateInput } from '../gate/decide.ts';
import type { ParsedStatement, SqlParser } from '../parser.ts';
import type { Denial, SessionEffect, SessionNames, StatementVerdict, Verdict } from '../verdict.ts';
import type { ExplainedMatch, ExplainedTable, StatementExplanation, TextExplanation } from './explanation.ts';
import { outputColumns } from './output-columns.ts';

/** What an explanation is made with: the same gate and grammar that judge statements. */
export interface ExplainParts {
  readonly gate: Gate;
  readonly parser: SqlParser;
}

/** A statement is quoted up to here. */
const maxShownText = 300;

/** Says what would happen to a text. Nothing is run; the answer is the gate's verdict, told in full. */
export function explainText({ gate, parser }: ExplainParts, input: GateInput): TextExplanation {
  const verdict = gate.decide(input);
  const outcome = parser.parse(input.sql);
  const explained =
    outcome.kind === 'parsed'
      ? explainEach(gate, input, { verdict, statements: outcome.statements, bytes: outcome.bytes })
      : [];
  return {
    outcome: verdict.kind,
    denial: verdict.kind === 'deny' ? verdict.denial : null,
    tier: verdict.kind === 'allow' ? verdict.tier : null,
    taint: verdict.kind === 'allow' ? verdict.taint : null,
    rewritten: verdict.kind === 'allow' && verdict.rewritten ? verdict.sql : null,
    statements: explained,
  };
}

interface Text {
  readonly verdict: Verdict;
  readonly statements: readonly ParsedStatement[];
  readonly bytes: Buffer;
}

function explainEach(gate: Gate, input: GateInput, text: Text): readonly StatementExplanation[] {
  let names = input.names;
  return text.statements.map((statement, index) => {
    const sql = text.bytes.toString('utf8', statement.start, statement.end).trim();
    const own = ownVerdict(text, index) ?? gate.decide({ ...input, sql, names });
    const explained = explainOne({ ...input, names }, { statement, sql, verdict: own });
    if (!('kind' in own)) names = own.effects.reduce(withEffect, names);
    else if (own.kind === 'allow') names = (own.statements[0]?.effects ?? []).reduce(withEffect, names);
    return explained;
  });
}

/** From the verdict on the whole text; null when that was refused, and each statement has to be asked about. */
function ownVerdict({ verdict, statements }: Text, index: number): StatementVerdict | Verdict | null {
  if (verdict.kind === 'allow') return verdict.statements[index] ?? null;
  return statements.length === 1 ? verdict : null;
}

interface Judged {
  readonly statement: ParsedStatement;
  readonly sql: string;
  readonly verdict: StatementVerdict | Verdict;
}

function explainOne(input: GateInput, { statement, sql, verdict }: Judged): StatementExplanation {
  const text = sql.length > maxShownText ? `${sql.slice(0, maxShownText)}…` : sql;
  if ('kind' in verdict && verdict.kind === 'deny') return refused(text, verdict.denial, verdict.command);
  const allowed = 'kind' in verdict ? verdict.statements[0] : verdict;
  if (allowed === undefined) return refused(text, null, null);
  return {
    text,
    class: allowed.class,
    command: allowed.command,
    tier: allowed.tier,
    taint: allowed.taint,
    reason: allowed.reason ?? null,
    tables: allowed.tables.map(({ oid, schema, name, operation, masked }) => ({
      schema,
      name,
      operation,
      masked,
      rowFilter: rowFilterOf(input, oid),
    })),
    columns: outputColumns(input, statement.node),
    matches: allowed.matches.map((match) => explainMatch(input, match)),
    degraded: allowed.degraded,
    denial: null,
  };
}

function refused(text: string, denial: Denial | null, command: string | null): StatementExplanation {
  return {
    text,
    class: 'deny',
    command,
    tier: null,
    taint: null,
    reason: null,
    tables: [],
    columns: null,
    matches: [],
    degraded: false,
    denial,
  };
}

function rowFilterOf({ access }: GateInput, oid: number): ExplainedTable['rowFilter'] {
  const filter = access.relations.get(oid)?.rowFilter ?? null;
  if (filter === null) return null;
  const conditions = filter.conditions.map(({ column, operator, literals }) => ({
    column,
    operator,
    values: literals,
  }));
  return { conditions, origins: filter.origins };
}

function explainMatch(
  { access }: GateInput,
  { oid, column, literals }: StatementVerdict['matches'][number],
): ExplainedMatch {
  const relation = access.relations.get(oid);
  return { schema: relation?.schema ?? '', table: relation?.name ?? '', column, literals };
}

/** The session as a statement leaves it to the next one of the same text. */
function withEffect(names: SessionNames, effect: SessionEffect): SessionNames {
  switch (effect.kind) {
    case 'set-search-path':
      return { ...names, searchPath: effect.path ?? names.searchPath, searchPathTouched: true };
    case 'temp-relation-created':
      return { ...names, tempRelations: new Set([...names.tempRelations, effect.name]) };
    case 'prepared':
      return { ...names, prepared: new Map(names.prepared).set(effect.name, effect) };
    case 'temp-relation-dropped':
    case 'deallocated':
    case 'discard':
    case 'begin':
    case 'commit':
    case 'rollback':
    case 'savepoint':
      return names;
    default:
      return effect satisfies never;
  }
}
