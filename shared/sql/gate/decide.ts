import { type ParsedStatement, understands } from '../parser.ts';
import { SourceText } from '../rewrite/source-text.ts';
import { rewriteText, type TextEdit } from '../rewrite/splice.ts';
import type { Denial, SessionEffect, StatementVerdict, Taint, Tier, Verdict } from '../verdict.ts';
import {
  type Context,
  type Findings,
  type GateInput,
  type GateParts,
  type MutableNames,
  newFindings,
  planEdit,
} from './context.ts';
import { text } from '../ast/node.ts';
import type { Leaks } from './leak-findings.ts';
import { leaksOf } from './leaks.ts';
import { type Mentions, mentionsOf } from './mentions.ts';
import { denialOf, Refusal, type RefusalReason, refuse } from './refusal.ts';
import { requireFilteredRows } from './filtered-rows.ts';
import { commandWords, judgedByTag, isKnownStatement, judgeStatement } from './statements.ts';
import { piecesOf } from './pieces.ts';
import { visitNode } from './walk.ts';

export type { AccessHint, GateInput, GateParts } from './context.ts';

/**
 * The statement gate (enforcement.md 3): parses a text with the server's own grammar, walks every node of
 * every statement, and either refuses it, lets it pass as it is, or rewrites it so that masked columns
 * are read masked. Pure and synchronous; whatever it does not understand it refuses.
 */
export interface Gate {
  decide(input: GateInput): Verdict;
}

/** Puts the gate together; one for each server major, to be shared by all sessions on it. */
export function createGate(parts: GateParts): Gate {
  return { decide: (input) => decideWithin(parts, input) };
}

/** A tree that is too deep for our own recursion is refused like one that is too deep for the grammar. */
function decideWithin(parts: GateParts, input: GateInput): Verdict {
  try {
    return decide(parts, input);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'the statement is nested too deeply';
    const denial = denialOf({ rule: 'parse-limits', sqlstate: '54001', message }, () => 0);
    return { kind: 'deny', denial, command: null };
  }
}

function decide(parts: GateParts, input: GateInput): Verdict {
  const outcome = parts.parser.parse(input.sql);
  if (outcome.kind === 'error') {
    const { rule, sqlstate, message, offset } = outcome;
    const reason = { rule, sqlstate, message, ...(offset === null ? {} : { offset }) };
    return deny(reason, { source: new SourceText(Buffer.from(input.sql, 'utf8')), command: null });
  }
  const text: ParsedText = {
    parts,
    input,
    source: new SourceText(outcome.bytes),
    statements: outcome.statements,
  };
  const unknown = refuseUnknown(text);
  if (unknown !== null) return unknown;
  if (!input.names.elevationAvailable) return attempt(text, false).verdict;
  const first = attempt(text, true);
  if (!first.retry) return first.verdict;
  // real values and user code do not go together: the same text again, with constants for the values
  const second = attempt(text, false).verdict;
  const cannot = second.kind === 'deny' && second.denial.rule === 'stale-prepared';
  return cannot && first.verdict !== undecided ? first.verdict : second;
}

interface ParsedText {
  readonly parts: GateParts;
  readonly input: GateInput;
  readonly source: SourceText;
  readonly statements: readonly ParsedStatement[];
}

function refuseUnknown(text: ParsedText): Verdict | null {
  for (const { node } of text.statements) {
    if (!isKnownStatement(node.tag) || judgedByTag.has(node.tag)) continue;
    const problem = understands(node);
    if (problem === null) continue;
    const { rule, sqlstate, message } = problem;
    return deny({ rule, sqlstate, message }, { source: text.source, command: commandWords(node.tag) });
  }
  return null;
}

interface Attempt {
  readonly verdict: Verdict;
  readonly retry: boolean;
}

interface Judged {
  readonly found: Findings;
  readonly command: string;
  readonly edited: boolean;
}

function attempt(text: ParsedText, elevate: boolean): Attempt {
  const judged: Judged[] = [];
  let command: string | null = null;
  const edits = { text: [] as TextEdit[], tree: new Map<object, ((copy: unknown) => unknown)[]>() };
  const names = copyNames(text);
  try {
    for (const statement of text.statements) {
      command = commandWords(statement.node.tag);
      const result = judgeOne(text, statement, { names, elevate, edits });
      if (result.found.needsElevated && result.found.elevationBlocker !== null)
        return { verdict: undecided, retry: true };
      judged.push(result);
    }
    command = null;
    return { verdict: allow(text, judged, edits), retry: false };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // all statements of a text run in one implicit transaction and so in one tier: the one that is always safe
    const retry = error.reason.rule === 'mixed-tiers';
    return { verdict: deny(error.reason, { source: text.source, command }), retry };
  }
}

/** Never leaves this file. */
const undecided: Verdict = {
  kind: 'deny',
  denial: denialOf({ rule: 'undecided', message: 'undecided' }, () => 0),
  command: null,
};

interface Pass {
  readonly names: MutableNames;
  readonly elevate: boolean;
  readonly edits: { readonly text: TextEdit[]; readonly tree: Map<object, ((copy: unknown) => unknown)[]> };
}

function judgeOne(text: ParsedText, statement: ParsedStatement, pass: Pass): Judged {
  let mentions: Mentions | null = null;
  let leaks: Leaks | null = null;
  const context: Context = {
    parts: text.parts,
    input: text.input,
    source: text.source,
    names: pass.names,
    elevate: pass.elevate,
    found: newFindings(),
    textEdits: pass.edits.text,
    treeEdits: pass.edits.tree,
    statement: statement.node,
    mentions: () => {
      mentions ??= mentionsOf(statement.node);
      return mentions;
    },
    leaks: () => {
      leaks ??= leaksOf(context, statement.node);
      return leaks;
    },
    visit: (node, scope) => visitNode(context, node, scope),
  };
  const before = pass.edits.tree.size;
  const command = judgeStatement(context, statement);
  const { found } = context;
  requireFilteredRows(context);
  if (found.needsElevated) {
    for (const edit of found.qualifications) planEdit(context, edit);
  }
  if (found.needsElevated && found.needsBase) {
    refuse({
      rule: 'mixed-tiers',
      message: 'the statement needs real values and must not read them at once',
    });
  }
  notePrepared(context, statement);
  return { found, command, edited: pass.edits.tree.size > before };
}

/** PREPARE is remembered with the tier and taint that its body got. */
function notePrepared(context: Context, statement: ParsedStatement): void {
  if (statement.node.tag !== 'PrepareStmt') return;
  const { found } = context;
  const name = text(statement.node.body, 'name') ?? '';
  const entry = { tier: tierOf(found), taint: found.taint, touchesMasked: found.touchesMasked };
  context.names.prepared.set(name, entry);
  found.effects.push({ kind: 'prepared', name, ...entry });
}

function copyNames(text: ParsedText): MutableNames {
  const { names } = text.input;
  return {
    searchPath: names.searchPath,
    searchPathTouched: names.searchPathTouched,
    tempRelations: new Set(names.tempRelations),
    prepared: new Map(names.prepared),
    opaqueObjects: names.opaqueObjects,
  };
}

/** What must not run elevated runs in base, even where it needs no value: the session may be elevated already. */
function tierOf(found: Findings): Tier {
  if (found.needsElevated) return 'elevated';
  return found.needsBase || found.elevationBlocker !== null ? 'base' : 'either';
}

function verdictOf({ found, command, edited }: Judged): StatementVerdict {
  return {
    class: found.opaque ? 'opaque' : edited ? 'rewrite' : 'pass',
    command,
    tier: tierOf(found),
    taint: found.taint,
    tables: found.tables,
    matches: found.matches,
    effects: found.effects,
    touchesMasked: found.touchesMasked,
    filtersRows: found.filtered !== null,
    degraded: found.degraded,
    reason: found.elevationBlocker,
  };
}

function allow(text: ParsedText, judged: readonly Judged[], edits: Pass['edits']): Verdict {
  const statements = judged.map(verdictOf);
  const rewritten = edits.text.length > 0;
  const sql = rewritten
    ? rewriteText(text.parts.parser, { bytes: text.source.bytes, statements: text.statements }, edits)
    : text.input.sql;
  if (sql === null) {
    refuse({
      rule: 'rewrite-verification',
      message: 'the statement could not be rewritten safely, so it was not run',
      hint: 'Write it in a simpler form: masked tables plainly in FROM, columns by name.',
    });
  }
  const elevated = statements.find((statement) => statement.tier === 'elevated');
  const base = statements.find((statement) => statement.tier === 'base');
  if (elevated !== undefined && base !== undefined) {
    refuse({
      rule: 'mixed-tiers',
      message: `${elevated.command} needs real values for its masks, and ${base.command} may run code made by users`,
      detail: 'Rule "mixed tiers": such statements cannot be sent in one text.',
      hint: 'Send them one by one.',
    });
  }
  return {
    kind: 'allow',
    sql,
    rewritten,
    statements,
    tier: elevated?.tier ?? base?.tier ?? 'either',
    taint: strongest(statements.map((statement) => statement.taint)),
    touchesMasked: statements.some((statement) => statement.touchesMasked),
    degraded: statements.some((statement) => statement.degraded),
    literalIndependent: judged.every(isLiteralIndependent),
    parameters: judged.flatMap(({ found }) => found.parameters),
    pieces: piecesOf(
      text.parts.parser,
      sql,
      judged.map(({ found }) => found.parameters),
    ),
    guards: judged.flatMap(({ found }) => found.guards),
  };
}

function strongest(taints: readonly (Taint | null)[]): Taint | null {
  if (taints.includes('session')) return 'session';
  return taints.includes('transaction') ? 'transaction' : null;
}

/** Effects carry names out of the text; a text with one is not interchangeable with another. */
function isLiteralIndependent({ found }: Judged): boolean {
  const carries = (effect: SessionEffect): boolean =>
    !['begin', 'commit', 'rollback', 'savepoint'].includes(effect.kind);
  return !found.readLiteral && !found.effects.some(carries);
}

function deny(
  reason: RefusalReason,
  at: { readonly source: SourceText; readonly command: string | null },
): { readonly kind: 'deny'; readonly denial: Denial; readonly command: string | null } {
  const denial = denialOf(reason, (offset) => at.source.position(offset));
  return { kind: 'deny', denial, command: at.command };
}
