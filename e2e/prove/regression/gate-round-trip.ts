/** Statements through gate and rewriter alone: nothing throws, and what is rewritten is the old tree and the edits. */
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { loadFunctionAllowList } from '@daam/shared/sql/functions/allow-list';
import { createGate, type Gate } from '@daam/shared/sql/gate/decide';
import { loadParser, type SqlParser } from '@daam/shared/sql/parser';
import { degradeMask, maskExpression } from '@daam/shared/sql/presets';
import {
  accessOf,
  accessTo,
  catalogOf,
  columns,
  freshNames,
  mask,
  relation,
} from '@daam/shared/testing/catalog';
import type { ClassCount, Finding } from '../part.ts';

/** What became of the statements. */
export interface RoundTrips {
  readonly counts: readonly ClassCount[];
  readonly findings: readonly Finding[];
}

const all = ['select', 'insert', 'update', 'delete'] as const;
/** Its own check failed: the statement is refused, and nobody could say why. */
const unexplained = 'rewrite-verification';

/** Each statement twice: over tables without masks, and with masks on half of the columns that it names. */
export async function roundTrip(major: PostgresMajor, statements: readonly string[]): Promise<RoundTrips> {
  const parser = await loadParser(major);
  const functions = loadFunctionAllowList(major);
  const gate = createGate({ parser, functions, maskExpression, degradeMask });
  const findings: Finding[] = [];
  const counts: ClassCount[] = [];
  for (const isMasked of [false, true]) {
    const name = isMasked ? 'gate and rewriter, masked' : 'gate and rewriter, unmasked';
    let allowed = 0;
    let rewritten = 0;
    let failed = 0;
    for (const sql of statements) {
      const trip = tripOf({ parser, gate, major, sql, isMasked });
      if (trip.kind === 'bad') {
        failed += 1;
        findings.push({ kind: trip.finding, name, what: sql, seen: trip.seen });
      } else if (trip.kind === 'allowed') {
        allowed += 1;
        if (trip.isRewritten) rewritten += 1;
      }
    }
    const note = `${allowed} allowed, ${rewritten} of them rewritten`;
    counts.push({ name, cases: statements.length, failed, note });
  }
  return { counts, findings };
}

type Trip =
  | { readonly kind: 'refused' }
  | { readonly kind: 'allowed'; readonly isRewritten: boolean }
  | { readonly kind: 'bad'; readonly finding: Finding['kind']; readonly seen: string };

interface TripInput {
  readonly parser: SqlParser;
  readonly gate: Gate;
  readonly major: PostgresMajor;
  readonly sql: string;
  readonly isMasked: boolean;
}

function tripOf({ parser, gate, major, sql, isMasked }: TripInput): Trip {
  try {
    const verdict = gate.decide({
      sql,
      ...databaseOf({ parser, major, sql, isMasked }),
      names: freshNames({ elevationAvailable: true }),
      hint: () => null,
    });
    if (verdict.kind === 'deny') {
      const { rule, message } = verdict.denial;
      return rule === unexplained ? { kind: 'bad', finding: 'refusal', seen: message } : { kind: 'refused' };
    }
    if (!verdict.rewritten && verdict.sql !== sql)
      return { kind: 'bad', finding: 'broken', seen: 'the text changed without being rewritten' };
    if (parser.parse(verdict.sql).kind !== 'parsed')
      return { kind: 'bad', finding: 'broken', seen: `does not parse: ${verdict.sql}` };
    return { kind: 'allowed', isRewritten: verdict.rewritten };
  } catch (thrown) {
    const seen = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return { kind: 'bad', finding: 'broken', seen };
  }
}

interface Named {
  readonly relations: ReadonlySet<string>;
  readonly columns: ReadonlySet<string>;
}

/** A catalogue in which every table and column that the statement names exists and is granted. */
function databaseOf({ parser, major, sql, isMasked }: Omit<TripInput, 'gate'>) {
  const outcome = parser.parse(sql);
  const named = { relations: new Set<string>(), columns: new Set<string>(['id']) };
  if (outcome.kind === 'parsed') for (const { node } of outcome.statements) collect(node.body, named);
  const list = columns(...named.columns);
  const masks = list
    .filter(({ attnum }) => isMasked && attnum % 2 === 0)
    .map(({ attnum, name }) => mask(attnum, name, attnum % 4 === 0 ? 'redact' : 'email', attnum % 4 !== 0));
  const relations = [...named.relations].map((name, index) =>
    relation(10_000 + index, name.includes('.') ? name : `public.${name}`, {
      columns: list,
      primaryKey: [1],
    }),
  );
  return {
    catalog: catalogOf(major, relations),
    access: accessOf(relations.map((each) => accessTo(each, all, masks))),
  };
}

function collect(value: unknown, named: { relations: Set<string>; columns: Set<string> }): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, named);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'RangeVar' || key === 'relation') addRelation(inner, named);
    if (key === 'ColumnRef') addColumns(inner, named);
    if (key === 'ResTarget') addName(inner, 'name', named.columns);
    collect(inner, named);
  }
}

function addRelation(body: unknown, named: Named & { relations: Set<string> }): void {
  const { relname, schemaname } = body as { readonly relname?: unknown; readonly schemaname?: unknown };
  if (typeof relname !== 'string' || relname.includes('.')) return;
  named.relations.add(
    typeof schemaname === 'string' && schemaname === 'sales' ? `sales.${relname}` : relname,
  );
}

function addColumns(body: unknown, named: { columns: Set<string> }): void {
  const { fields } = body as { readonly fields?: readonly unknown[] };
  const last = fields?.at(-1);
  const name = (last as { readonly String?: { readonly sval?: string; readonly str?: string } } | undefined)
    ?.String;
  const text = name?.sval ?? name?.str;
  if (text !== undefined && text !== '' && named.columns.size < 60) named.columns.add(text);
}

function addName(body: unknown, key: string, names: Set<string>): void {
  const text = (body as Readonly<Record<string, unknown>>)[key];
  if (typeof text === 'string' && names.size < 60) names.add(text);
}
