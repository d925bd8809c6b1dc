import {
  type AstNode,
  bodiesOf,
  field,
  flag,
  list,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import { type CatalogRelation, relationKey } from '../catalog.ts';
import type { OutputColumn } from './explanation.ts';
import { expressionLineage } from './lineage-expression.ts';
import { computedFrom, oneOf, renamed, type Trace, type TraceLevel, type TracedItem } from './lineage.ts';

/** FROM, as `*` and column references see it. */

/** Brings an item into the level; the result is what `*` shows of it. */
export function traceFromItem(
  trace: Trace,
  node: TaggedNode,
  level: TraceLevel,
): readonly OutputColumn[] | null {
  const item = node.tag === 'JoinExpr' ? null : traceLeaf(trace, node, level);
  if (item === null) return traceJoin(trace, node, level);
  level.items.push(item);
  return (
    item.columns ?? [{ name: item.alias === null ? '*' : `${item.alias}.*`, kind: 'unknown', masks: [] }]
  );
}

function traceLeaf(trace: Trace, node: TaggedNode, level: TraceLevel): TracedItem {
  const { body } = node;
  const alias = aliasOf(body);
  switch (node.tag) {
    case 'RangeVar':
      return traceRelation(trace, body, level);
    case 'RangeTableSample': {
      const relation = unwrap(body['relation']);
      return relation === null
        ? { ...alias, schema: null, columns: null }
        : traceLeaf(trace, relation, level);
    }
    case 'RangeSubselect': {
      const query = unwrap(body['subquery']);
      const columns = query === null ? null : trace.query(query, level);
      return { alias: alias.alias, schema: null, columns: renamed(columns, alias.names) };
    }
    default:
      return { alias: alias.alias, schema: null, columns: functionColumns(trace, node, level) };
  }
}

/** A table or view with its masks, or the WITH query of that name. */
export function traceRelation(trace: Trace, body: AstNode, level: TraceLevel): TracedItem {
  const name = text(body, 'relname') ?? '';
  const { alias, names } = aliasOf(body);
  const cte = text(body, 'schemaname') === null ? findCte(level, name) : undefined;
  if (cte !== undefined) return { alias: alias ?? name, schema: null, columns: renamed(cte, names) };
  const relation = findRelation(trace, body, name);
  return {
    alias: alias ?? name,
    schema: alias === null ? (relation?.schema ?? null) : null,
    columns: relation === null ? null : renamed(relationColumns(trace, relation), names),
  };
}

function findCte(level: TraceLevel | null, name: string): readonly OutputColumn[] | null | undefined {
  for (let at = level; at !== null; at = at.parent) if (at.ctes.has(name)) return at.ctes.get(name);
  return undefined;
}

function findRelation({ input }: Trace, body: AstNode, name: string): CatalogRelation | null {
  const schema = text(body, 'schemaname');
  const path = schema === null ? ['pg_catalog', ...input.names.searchPath] : [schema];
  for (const candidate of path) {
    const found = input.catalog.byName.get(relationKey(candidate, name));
    if (found !== undefined) return found;
  }
  return null;
}

/** The columns of a relation as the person sees them. */
export function relationColumns({ input }: Trace, relation: CatalogRelation): readonly OutputColumn[] {
  const { oid, schema, name: table } = relation;
  const masks = input.access.relations.get(oid)?.masks;
  return relation.columns.map(({ attnum, name }) => {
    const mask = masks?.get(attnum);
    if (mask === undefined) return { name, kind: 'plain', masks: [] };
    const { preset, matchEquality, origin } = mask;
    return { name, kind: 'masked', masks: [{ schema, table, column: name, preset, matchEquality, origin }] };
  });
}

/** Functions that give one column, named as their alias. */
const oneColumn: ReadonlySet<string> = new Set([
  'generate_series',
  'generate_subscripts',
  'unnest',
  'regexp_split_to_table',
  'string_to_table',
  'jsonb_array_elements',
  'jsonb_array_elements_text',
  'json_array_elements',
  'json_array_elements_text',
  'jsonb_object_keys',
  'json_object_keys',
]);

function functionColumns(trace: Trace, node: TaggedNode, level: TraceLevel): readonly OutputColumn[] | null {
  const { alias, names } = aliasOf(node.body);
  const lineage = expressionLineage(trace, node, level);
  const calls = list(node.body, 'functions').flatMap((value) => {
    const items = unwrap(value);
    const call = items === null ? null : unwrap(list(items.body, 'items')[0]);
    return call?.tag === 'FuncCall' ? [(stringsOf(list(call.body, 'funcname')) ?? []).at(-1) ?? ''] : [];
  });
  const called = calls.length === 1 ? (calls[0] ?? '') : '';
  const defined = [...list(node.body, 'coldeflist'), ...list(node.body, 'columns')].flatMap((value) => {
    const column = unwrap(value);
    return column === null ? [] : [text(column.body, 'colname') ?? text(column.body, 'name') ?? ''];
  });
  const known = names.length > 0 ? names : defined;
  const shown = known.length > 0 || !oneColumn.has(called) ? known : [alias ?? called];
  if (shown.length === 0) return null;
  return shown.map((name) => ({ name, ...lineage }));
}

function traceJoin(trace: Trace, node: TaggedNode, level: TraceLevel): readonly OutputColumn[] | null {
  const { alias, names } = aliasOf(node.body);
  const inside: TraceLevel = { ...level, items: [], merged: new Map() };
  const [left, right] = ['larg', 'rarg'].map((side) => {
    const part = unwrap(node.body[side]);
    return part === null ? null : traceFromItem(trace, part, inside);
  });
  const columns = !left || !right ? null : joined(node, left, right);
  if (alias !== null) {
    level.items.push({ alias, schema: null, columns: renamed(columns, names) });
    return renamed(columns, names);
  }
  level.items.push(...inside.items);
  for (const name of usingOf(node, left ?? [], right ?? [])) {
    const column = columns?.find((candidate) => candidate.name === name);
    if (column !== undefined) level.merged.set(name, column);
  }
  return columns;
}

function usingOf(
  node: TaggedNode,
  left: readonly OutputColumn[],
  right: readonly OutputColumn[],
): readonly string[] {
  if (!flag(node.body, 'isNatural')) return stringsOf(list(node.body, 'usingClause')) ?? [];
  const names = new Set(right.map(({ name }) => name));
  return left.flatMap(({ name }) => (name !== null && names.has(name) ? [name] : []));
}

function joined(
  node: TaggedNode,
  left: readonly OutputColumn[],
  right: readonly OutputColumn[],
): readonly OutputColumn[] {
  const using = usingOf(node, left, right);
  const both = using.map((name) => {
    const sides = [...left, ...right].filter((column) => column.name === name);
    return { name, ...oneOf(sides) };
  });
  const rest = [...left, ...right].filter(({ name }) => name === null || !using.includes(name));
  return [...both, ...rest];
}

/** Alias and column aliases. */
export function aliasOf(body: AstNode): { readonly alias: string | null; readonly names: readonly string[] } {
  const alias = field(body, 'alias');
  if (alias === null) return { alias: null, names: [] };
  return { alias: text(alias, 'aliasname'), names: stringsOf(list(alias, 'colnames')) ?? [] };
}

/** Names of the WITH queries of a statement come into its level. */
export function traceWith(trace: Trace, body: AstNode, level: TraceLevel): void {
  const clause = field(body, 'withClause');
  for (const cte of clause === null ? [] : bodiesOf(list(clause, 'ctes'), 'CommonTableExpr')) {
    const name = text(cte, 'ctename') ?? '';
    const names = stringsOf(list(cte, 'aliascolnames')) ?? [];
    const query = unwrap(cte['ctequery']);
    if (query === null) continue;
    const start = clause !== null && flag(clause, 'recursive') ? unwrapSelect(query.body['larg']) : null;
    // what a recursive query reads of itself began as its first part
    if (start !== null) level.ctes.set(name, renamed(trace.query(start, level), names));
    level.ctes.set(name, renamed(trace.query(query, level), names));
  }
}

function unwrapSelect(value: unknown): TaggedNode | null {
  const wrapped = unwrap(value);
  if (wrapped?.tag === 'SelectStmt') return wrapped;
  return typeof value === 'object' && value !== null
    ? { tag: 'SelectStmt', body: value as AstNode, wrapper: null }
    : null;
}

/** Lineage of everything together: what a whole row of it is. */
export function rowLineage(columns: readonly OutputColumn[] | null): OutputColumn {
  return { name: null, ...computedFrom(columns ?? [{ kind: 'unknown', masks: [] }]) };
}
