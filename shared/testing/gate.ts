import { type PostgresMajor, supportedMajors } from '../domain/postgres-version.ts';
import type { FunctionAllowList } from '../sql/functions/allow-list-type.ts';
import { createGate, type Gate, type GateInput } from '../sql/gate/decide.ts';
import { loadParser, type SqlParser } from '../sql/parser.ts';
import { degradeMask, maskExpression } from '../sql/presets.ts';
import type { SessionNames, Verdict } from '../sql/verdict.ts';
import { freshNames, shopAccess, shopCatalog } from './catalog.ts';

/** Gates over the hand-made shop of catalog.ts, one for each major. */

const refused: ReadonlySet<string> = new Set([
  'pg_read_file',
  'query_to_xml',
  'table_to_xml',
  'schema_to_xml',
  'lo_get',
  'lo_from_bytea',
  'pg_notify',
  'ts_stat',
  'pg_logical_slot_get_changes',
  'set_config',
  'nextval',
  'setval',
  'currval',
]);

const allowed: ReadonlySet<string> = new Set(
  (
    'count min max sum avg lower upper substring length md5 string_agg array_agg row_to_json to_jsonb to_json first_value ' +
    'jsonb_each_text jsonb_object_keys regexp_split_to_table unnest generate_series format now timezone date_part extract ' +
    'rank row_number pg_sleep repeat position btrim pg_input_error_info current_query xmlforest like_escape date_trunc ' +
    'similar_to_escape overlay concat jsonb_array_elements json_populate_record pg_get_expr obj_description col_description ' +
    'quote_ident format_type pg_table_is_visible left overlaps random left text name is_normalized pg_advisory_lock lag'
  ).split(' '),
);

/** An allow-list that is short enough to read. */
export const fewFunctions: FunctionAllowList = {
  isAllowed: (name) => allowed.has(name),
  isKnown: (name) => allowed.has(name) || refused.has(name),
};

/** A gate with the real grammar and the real masks. */
export async function gateFor(
  major: PostgresMajor,
  functions: FunctionAllowList = fewFunctions,
): Promise<TestGate> {
  const parser = await loadParser(major);
  const gate = createGate({ parser, functions, maskExpression, degradeMask });
  return {
    major,
    parser,
    gate,
    decide: (sql, overrides = {}) => gate.decide({ ...shopInput(major, sql), ...overrides }),
    decideIn: (names, sql) => gate.decide({ ...shopInput(major, sql), names: freshNames(names) }),
  };
}

/** A gate and short ways to ask it. */
export interface TestGate {
  readonly major: PostgresMajor;
  readonly parser: SqlParser;
  readonly gate: Gate;
  readonly decide: (sql: string, overrides?: Partial<GateInput>) => Verdict;
  readonly decideIn: (names: Partial<SessionNames>, sql: string) => Verdict;
}

function shopInput(major: PostgresMajor, sql: string): GateInput {
  return {
    sql,
    catalog: shopCatalog(major),
    access: shopAccess(),
    names: freshNames(),
    hint: () => 'Ask for access.',
  };
}

/** Gates of every major. */
export async function allGates(): Promise<readonly TestGate[]> {
  return Promise.all(supportedMajors.map((major) => gateFor(major)));
}

/** `deny:<rule>`, or `<class>/<tier>` of an allowed text (of its statements, joined by a comma). */
export function outcomeOf(verdict: Verdict): string {
  if (verdict.kind === 'deny') return `deny:${verdict.denial.rule}`;
  return verdict.statements.map((statement) => `${statement.class}/${statement.tier}`).join(',');
}

/** The text that goes to the server; throws when it was refused. */
export function sqlOf(verdict: Verdict): string {
  if (verdict.kind === 'deny')
    throw new TypeError(`refused: ${verdict.denial.rule}: ${verdict.denial.message}`);
  return verdict.sql;
}

/** Relations of the shop with masks, by bare name. */
export const maskedNames: ReadonlySet<string> = new Set([
  'customers',
  'audited',
  'leads',
  'odd "name"',
  'secured',
]);

/**
 * Looks in a rewritten text for a masked relation that is read outside of the subquery that masks it.
 * WITH names shadow relations; the scan knows them by name alone, so tests use other names for those.
 */
export function findBareRead(
  parser: SqlParser,
  sql: string,
  shadowed: ReadonlySet<string> = new Set(),
): string | null {
  const outcome = parser.parse(sql);
  if (outcome.kind !== 'parsed') throw new TypeError('the rewritten text does not parse');
  for (const { node } of outcome.statements) {
    const found = bareIn(node.body, shadowed, false);
    if (found !== null) return found;
  }
  return null;
}

function bareIn(value: unknown, shadowed: ReadonlySet<string>, inMask: boolean): string | null {
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = bareIn(item, shadowed, inMask);
      if (found !== null) return found;
    }
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'lockingClause') continue;
    const masked = inMask || isMask(key, inner);
    const found =
      key === 'RangeVar' ? bareRelation(inner, shadowed, masked) : bareIn(inner, shadowed, masked);
    if (found !== null) return found;
  }
  return null;
}

function bareRelation(body: unknown, shadowed: ReadonlySet<string>, inMask: boolean): string | null {
  const { relname = '', schemaname } = body as { readonly relname?: string; readonly schemaname?: string };
  if (inMask || !maskedNames.has(relname)) return null;
  return schemaname === undefined && shadowed.has(relname) ? null : relname;
}

/** A SELECT that was made by the rewriter: one relation, each masked column under its own name by ResTarget. */
function isMask(key: string, body: unknown): boolean {
  if (key !== 'SelectStmt') return false;
  const { targetList = [] } = body as { readonly targetList?: readonly unknown[] };
  const text = JSON.stringify(targetList);
  return /"name":"(?:email|e\\"mail)"/.test(text) && /\*\*\*/.test(text);
}
