import type { PostgresMajor } from '../domain/postgres-version.ts';
import { loadFunctionAllowList } from '../sql/functions/allow-list.ts';
import type { Catalog } from '../sql/catalog.ts';
import { createGate, type Gate } from '../sql/gate/decide.ts';
import { loadParser, type SqlParser } from '../sql/parser.ts';
import { degradeMask } from '../sql/presets.ts';
import type { MatchUse, SessionEffect, SessionNames, StatementVerdict, Verdict } from '../sql/verdict.ts';
import { freshNames } from './catalog.ts';
import { verdictAccess, verdictCatalog, type WorldChanges } from './verdict-world.ts';

/**
 * Verdicts written down (shared/sql/gate/verdicts/*.sql): statements in sections, each section a sentence about what
 * the gate does, each statement followed by all of its verdict that a session could notice.
 *
 *     --- values of masked columns cannot be stored elsewhere
 *     -- with temp t; path sales; tainted          (what is different in this section: see `settings`)
 *
 *     UPDATE customers SET note = email
 *     --> deny masked-source 42501 at 29 public.customers hint, in UPDATE
 */

/** A section of a file. */
export interface VerdictSection {
  readonly sentence: string;
  readonly settings: string;
  readonly cases: readonly { readonly sql: string; readonly verdict: readonly string[] }[];
}

/** Reads a file's text. */
export function readVerdicts(text: string): readonly VerdictSection[] {
  return text
    .split(/^--- /m)
    .slice(1)
    .map((section) => {
      const [head = '', ...blocks] = section.split(/\n\n+/);
      const [sentence = '', ...settings] = head.split('\n');
      return {
        sentence: sentence.trim(),
        settings: settings.map((line) => line.replace(/^-- with /, '')).join('; '),
        cases: blocks.filter((block) => block.trim() !== '').map(readCase),
      };
    });
}

function readCase(block: string): { readonly sql: string; readonly verdict: readonly string[] } {
  const lines = block.trim().split('\n');
  const isVerdict = (line: string): boolean => line.startsWith('--> ');
  return {
    sql: lines.filter((line) => !isVerdict(line)).join('\n'),
    verdict: lines.filter(isVerdict).map((line) => line.slice(4)),
  };
}

/** The text of a file with these sections; comments before the first one stay as they are. */
export function writeVerdicts(head: string, sections: readonly VerdictSection[]): string {
  const blocks = sections.map(({ sentence, settings, cases }) => {
    const lines = settings === '' ? '' : `\n-- with ${settings}`;
    const body = cases.map(({ sql, verdict }) => [sql, ...verdict.map((line) => `--> ${line}`)].join('\n'));
    return [`--- ${sentence}${lines}`, ...body].join('\n\n');
  });
  return `${[head.trim(), ...blocks].filter((part) => part !== '').join('\n\n')}\n`;
}

interface Setting {
  readonly names: Partial<SessionNames>;
  readonly changes: WorldChanges;
  readonly from: number;
  readonly until: number;
}

const everywhere: Setting = { names: {}, changes: {}, from: 0, until: 99 };

/** What may stand behind `-- with`, each with what it takes. */
const settings: Readonly<Record<string, (at: Setting, values: readonly string[]) => Setting>> = {
  from: (at, [major]) => ({ ...at, from: Number(major) }),
  until: (at, [major]) => ({ ...at, until: Number(major) }),
  tainted: (at) => ({ ...at, names: { ...at.names, elevationAvailable: false } }),
  opaque: (at) => ({ ...at, names: { ...at.names, opaqueObjects: true } }),
  touched: (at) => ({ ...at, names: { ...at.names, searchPathTouched: true } }),
  path: (at, searchPath) => ({ ...at, names: { ...at.names, searchPath } }),
  temp: (at, names) => ({ ...at, names: { ...at.names, tempRelations: new Set(names) } }),
  bound: (at, numbers) => ({ ...at, names: { ...at.names, writeBack: new Set(numbers.map(Number)) } }),
  prepared: (at) => ({ ...at, names: { ...at.names, prepared: preparedStatements } }),
  operators: (at, operators) => ({ ...at, changes: { ...at.changes, operators } }),
  harmless: (at, harmless) => ({ ...at, changes: { ...at.changes, harmless } }),
  casts: (at, oids) => ({ ...at, changes: { ...at.changes, casts: oids.map(Number) } }),
  keyless: (at) => ({ ...at, changes: { ...at.changes, keyed: false } }),
  open: (at) => ({ ...at, changes: { ...at.changes, open: true } }),
  unvouched: (at) => ({ ...at, changes: { ...at.changes, vouched: false } }),
  matches: (at, [most]) => ({ ...at, changes: { ...at.changes, matches: Number(most) } }),
};

const lost = { tier: 'either', taint: null, touchesMasked: false } as const;
const withdrawn = {
  sqlstate: '42501',
  message: 'the policy changed',
  hint: null,
  rule: 'default-deny',
  position: null,
} as const;

const preparedStatements: SessionNames['prepared'] = new Map([
  ['plain', { tier: 'either', taint: null, touchesMasked: false }],
  ['real', { tier: 'elevated', taint: null, touchesMasked: true }],
  ['code', { tier: 'base', taint: 'transaction', touchesMasked: false }],
  ['own_code', { tier: 'base', taint: 'session', touchesMasked: true }],
  ['base_only', { tier: 'base', taint: null, touchesMasked: false }],
  ['lost', { ...lost, denial: { ...withdrawn, detail: null, table: null } }],
  [
    'lost_table',
    { ...lost, denial: { ...withdrawn, detail: 'It went.', table: { schema: 'public', name: 'orders' } } },
  ],
]);

const known = new Map<string, Setting>();

function settingOf(text: string): Setting {
  const found = known.get(text) ?? readSetting(text);
  known.set(text, found);
  return found;
}

function readSetting(text: string): Setting {
  let at = everywhere;
  for (const part of text.split(';').map((each) => each.trim())) {
    if (part === '') continue;
    const [name = '', ...values] = part.split(/[\s,]+/);
    const apply = settings[name];
    if (apply === undefined) throw new TypeError(`no setting ${name}`);
    at = apply(at, values);
  }
  return at;
}

const catalogs = new Map<string, Catalog>();

/** One catalogue for each major and setting: it is made once, as the agent's is. */
function catalogFor(
  major: PostgresMajor,
  { key, changes }: { readonly key: string; readonly changes: WorldChanges },
): Catalog {
  const name = `${major} ${key}`;
  const catalog = catalogs.get(name) ?? verdictCatalog(major, changes);
  catalogs.set(name, catalog);
  return catalog;
}

/** A gate whose masks are short enough to read; `wrap` may put something between it and the grammar. */
export async function verdictGate(
  major: PostgresMajor,
  wrap: (parser: SqlParser) => SqlParser = (parser) => parser,
): Promise<Gate> {
  const parser = wrap(await loadParser(major));
  return createGate({
    parser,
    functions: loadFunctionAllowList(major),
    degradeMask,
    maskExpression: (mask, _column, reference, key) =>
      `${mask.preset}_of(${[reference, ...(key === null ? [] : [key.inner, key.outer])].join(', ')})`,
  });
}

/** Whether a section is about this major. */
export function isAbout(section: VerdictSection, major: PostgresMajor): boolean {
  const { from, until } = settingOf(section.settings);
  return from <= major && major <= until;
}

/** All that a session could notice of the verdict on a text, one thing a line. */
export function verdictLines(
  gate: Gate,
  major: PostgresMajor,
  at: { readonly sql: string; readonly settings: string },
): readonly string[] {
  const { names, changes } = settingOf(at.settings);
  const verdict = gate.decide({
    sql: at.sql,
    catalog: catalogFor(major, { key: at.settings, changes }),
    access: verdictAccess(changes),
    names: freshNames(names),
    hint: (table, operation) => `${table?.name ?? 'anything'} ${operation ?? 'for anything'}`,
  });
  return verdict.kind === 'deny' ? [denied(verdict)] : allowed(verdict, at.sql);
}

function denied({ denial, command }: Extract<Verdict, { kind: 'deny' }>): string {
  const { rule, sqlstate, position, table, hint, detail } = denial;
  const parts = ['deny', rule, sqlstate];
  if (position !== null) parts.push(`at ${position}`);
  if (table !== null) parts.push(`${table.schema}.${table.name}`);
  if (detail !== null) parts.push('with detail');
  if (hint !== null) parts.push(`hint ${hint.length < 50 ? hint : 'in words'}`);
  return `${parts.join(' ')}${command === null ? '' : `, in ${command}`}`;
}

function allowed(verdict: Extract<Verdict, { kind: 'allow' }>, sql: string): readonly string[] {
  const own = verdict.parameters.map(({ kind, number }) => `$${number} is ${kind}`);
  const guards = verdict.guards.map(
    ({ parameter, table, column, shape, always, showsNull }) =>
      `guards $${parameter} for ${table}.${column} ${shape.preset}${always ? ' always' : ''}${showsNull ? ' and NULL' : ''}`,
  );
  return [
    ...verdict.statements.map(statementLine),
    ...(verdict.statements.length > 1 ? [`all ${verdict.tier} ${verdict.taint ?? 'no'} taint`] : []),
    ...own,
    ...guards,
    ...(verdict.pieces ?? [])
      .slice(1)
      .map((piece) => `piece ${piece.parameters.length} ${readable(piece.sql)}`),
    ...(verdict.literalIndependent ? [] : ['literals count']),
    ...(verdict.sql === sql ? [] : [`sends ${readable(verdict.sql)}`]),
  ];
}

/** Names that are made anew in each process get numbers. */
function readable(sql: string): string {
  const hidden = [...new Set(sql.match(/daam_[0-9a-z_]*[0-9a-f]{32}/g))];
  const numbered = hidden.reduce((text, name, index) => text.replaceAll(name, `hidden_${index + 1}`), sql);
  return numbered.trim().replaceAll(/\s*\n\s*/g, ' ⏎ ');
}

function statementLine(of: StatementVerdict): string {
  const uses = of.tables.map(
    ({ schema, name, operation, masked }) => `${schema}.${name}:${operation}${masked ? ' masked' : ''}`,
  );
  const flags = [
    of.taint === null ? '' : `taints ${of.taint}`,
    of.touchesMasked ? 'touches masks' : '',
    of.filtersRows ? 'filters rows' : '',
    of.degraded ? 'degraded' : '',
    (of.reason ?? null) === null ? '' : 'with reason',
  ].filter((flag) => flag !== '');
  const all = [...flags, ...uses, ...of.matches.map(matchText), ...of.effects.map(effectText)];
  return `${of.class} ${of.tier} ${of.command}${all.length === 0 ? '' : `: ${all.join(', ')}`}`;
}

function matchText({ oid, column, literals, operands }: MatchUse): string {
  const shown = operands.map((operand) =>
    operand.kind === 'literal' ? operand.text : `$${operand.number} ${operand.holds}`,
  );
  return `matches ${oid}.${column} ${literals} [${shown.join(' ')}]`;
}

function effectText(effect: SessionEffect): string {
  const { kind, ...rest } = effect;
  return `${kind} ${Object.values(rest)
    .map((value) => (Array.isArray(value) ? `[${value.join(' ')}]` : String(value)))
    .join(' ')}`.trim();
}
