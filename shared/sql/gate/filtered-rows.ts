import { type AstNode, as, list, locationOf, stringsOf, type TaggedNode } from '../ast/node.ts';
import type { CatalogRelation } from '../catalog.ts';
import { isUnsafeTypeName } from '../row-filter-parameters.ts';
import type { Context } from './context.ts';
import { refuse } from './refusal.ts';

/** What a row filter asks of a statement as a whole: the elevated tier, and no way to look past the filter. */

/** A relation with a row filter is touched, by whatever operation. */
export function noteFiltered(context: Context, relation: CatalogRelation, offset: number): void {
  context.found.filtered ??= { relation, offset };
  context.found.needsElevated = true;
}

/** After the walk: without the elevated tier nobody may touch the rows, visible or not (the floor holds them). */
export function requireFilteredRows(context: Context): void {
  const { filtered, elevationBlocker } = context.found;
  if (filtered === null || context.elevate) return;
  const { schema, name } = filtered.relation;
  const reason =
    elevationBlocker === null
      ? 'elevation is switched off, or user code ran in this session or may run in the same text'
      : `the statement may run user code: ${elevationBlocker}`;
  refuse({
    rule: 'row-filter',
    message: `permission denied for table ${name}`,
    detail: `Rule "row filter": the rows of ${schema}.${name} are filtered, and they are out of reach here: ${reason}.`,
    hint: 'Use the table in a statement and a session of its own, without functions, triggers or types made by users.',
    table: { schema, name },
    offset: filtered.offset,
  });
}

/** A plan is made of statistics over all rows: its estimates and counts tell of hidden ones. */
export function refuseExplain(context: Context, query: TaggedNode): void {
  const { filtered, needsElevated } = context.found;
  const executes = query.tag === 'ExecuteStmt' && needsElevated && hasFilters(context);
  if (filtered === null && !executes) return;
  const name = filtered?.relation.name ?? 'a table';
  refuse({
    rule: 'explain-row-filter',
    message: `EXPLAIN is not allowed on a statement that uses ${name}, whose rows are filtered`,
    detail: 'Rule "row filter": a plan, its estimates and its counts tell of rows that the filter hides.',
    ...(filtered === null
      ? {}
      : {
          table: { schema: filtered.relation.schema, name: filtered.relation.name },
          offset: filtered.offset,
        }),
  });
}

function hasFilters(context: Context): boolean {
  return [...context.input.access.relations.values()].some(({ rowFilter }) => rowFilter !== null);
}

/**
 * Counters of rows, index entries and blocks, of relations and of the whole database: after `WHERE code = 'x'` they
 * say whether a hidden row was found in the index. So do the predicate locks of a serializable transaction.
 */
const counterRelations =
  /^(pg_stat(io)?_(?!activity$|ssl$|gssapi$|replication$|wal_receiver$|progress_)|pg_locks$)/;
const counterFunctions = /^pg_stat_(get|have)_/;

/** Views of counters, while any row is filtered for this person. */
export function refuseCounters(context: Context, { schema, name }: CatalogRelation, offset: number): void {
  if (schema !== 'pg_catalog' || !counterRelations.test(name) || !hasFilters(context)) return;
  refuseCounter(name, offset);
}

/** The functions under them. */
export function refuseCounterFunction(context: Context, name: string, body: AstNode): void {
  if (!counterFunctions.test(name) || !hasFilters(context)) return;
  refuseCounter(name, locationOf(body));
}

function refuseCounter(name: string, offset: number): never {
  refuse({
    rule: 'row-filter-counters',
    message: `permission denied for ${name}`,
    detail:
      'Rule "row filter": counters and locks of rows and index entries tell of rows that a filter hides.',
    offset,
  });
}

/** PREPARE may declare its parameters as types beside which comparing a column can fail. */
export function refuseUnsafeTypes(context: Context, types: readonly unknown[]): void {
  if (context.found.filtered === null) return;
  const names = types.map((type) => stringsOf(list(as(type, 'TypeName') ?? {}, 'names'))?.at(-1) ?? '');
  if (!names.some((name) => isUnsafeTypeName(name, context.input.catalog))) return;
  const { schema, name } = context.found.filtered.relation;
  refuse({
    rule: 'row-filter-parameter',
    message: `a parameter beside columns of ${name} cannot be declared as an OID type or a domain`,
    detail: `Rule "row filter": the rows of ${schema}.${name} are filtered, and comparing with this type could tell of hidden ones.`,
    hint: 'Declare it as bigint, or leave its type out.',
    table: { schema, name },
  });
}
