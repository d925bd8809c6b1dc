import type { RelationAccess } from '../access.ts';
import { type AstNode, locationOf, text } from '../ast/node.ts';
import { type Catalog, type CatalogRelation, relationKey } from '../catalog.ts';
import { quoteIdentifier } from '../quote.ts';
import type { TableOperation } from '../../policy/effective-policy.ts';
import { blockElevation, type Context, markOpaque, type NodeEdit, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { noteFiltered, refuseCounters } from './filtered-rows.ts';
import { writtenRelations } from '../written-relations.ts';
import { refuse } from './refusal.ts';
import { isProtected } from '../row-filter.ts';

/** What a relation name means in this session. */
export type RelationMeaning =
  | { readonly kind: 'relation'; readonly relation: CatalogRelation; readonly qualified: boolean }
  | { readonly kind: 'temporary'; readonly name: string }
  /** Not known; user code may have made it. */
  | { readonly kind: 'opaque' };

/** Looks a RangeVar up as the server would, or refuses. WITH names are the caller's business. */
export function resolveRelation(context: Context, body: AstNode): RelationMeaning {
  const name = text(body, 'relname') ?? '';
  const schema = text(body, 'schemaname');
  const database = text(body, 'catalogname');
  const { catalog } = context.input;
  if (database !== null && database !== catalog.database) {
    refuse({
      rule: 'cross-database',
      sqlstate: '0A000',
      message: `cross-database references are not implemented: "${database}.${schema ?? ''}.${name}"`,
      offset: locationOf(body),
    });
  }
  if (schema === null) return resolveUnqualified(context, body, name);
  if (schema === 'pg_temp') {
    if (context.names.tempRelations.has(name)) return { kind: 'temporary', name };
    return unknownRelation(context, body);
  }
  const relation = catalog.byName.get(relationKey(schema, name));
  if (relation !== undefined) return { kind: 'relation', relation, qualified: true };
  if (/^pg_(temp|toast)/.test(schema)) {
    refuse({
      rule: 'system-relation',
      message: `permission denied for schema ${schema}`,
      offset: locationOf(body),
    });
  }
  return unknownRelation(context, body);
}

function resolveUnqualified(context: Context, body: AstNode, name: string): RelationMeaning {
  const { catalog } = context.input;
  for (const schema of ['pg_catalog', ...context.names.searchPath]) {
    const relation = catalog.byName.get(relationKey(schema, name));
    if (relation !== undefined) return { kind: 'relation', relation, qualified: schema === 'pg_catalog' };
  }
  if (!context.names.tempRelations.has(name)) return unknownRelation(context, body);
  if (context.names.searchPathTouched || countOf(catalog, name) > 0) planSchema(context, body, 'pg_temp');
  return { kind: 'temporary', name };
}

const countsOf = new WeakMap<Catalog, ReadonlyMap<string, number>>();

/** In how many schemas there is a relation of this name. */
function countOf(catalog: Catalog, name: string): number {
  let counts = countsOf.get(catalog);
  if (counts === undefined) {
    const found = new Map<string, number>();
    for (const relation of catalog.relations.values()) {
      found.set(relation.name, (found.get(relation.name) ?? 0) + 1);
    }
    counts = found;
    countsOf.set(catalog, counts);
  }
  return counts.get(name) ?? 0;
}

function unknownRelation(context: Context, body: AstNode): RelationMeaning {
  if (context.names.opaqueObjects) {
    markOpaque(context, 'session', 'it reads a relation that the session may have made itself');
    return { kind: 'opaque' };
  }
  const schema = text(body, 'schemaname');
  const name = text(body, 'relname') ?? '';
  return refuse({
    rule: 'unknown-relation',
    sqlstate: '42P01',
    message: `relation "${[schema, name].filter((part) => part !== null).join('.')}" does not exist`,
    offset: locationOf(body),
  });
}

/**
 * Writes the schema before an unqualified name. At once when the server's search path may differ from ours, or
 * may come to: a prepared statement is read again under a new path, and must then mean the same relation. A name
 * that only one schema has cannot mean another; it is written in full only in an elevated statement.
 */
export function pinSchema(
  context: Context,
  body: AstNode,
  meaning: Extract<RelationMeaning, { kind: 'relation' }>,
): void {
  if (meaning.qualified) return;
  const { schema, name } = meaning.relation;
  const { catalog } = context.input;
  const isCertain = countOf(catalog, name) === 1 && !context.names.tempRelations.has(name);
  if (context.names.searchPathTouched || !isCertain) planSchema(context, body, schema);
  else context.found.qualifications.push(schemaEdit(body, schema));
}

function planSchema(context: Context, body: AstNode, schema: string): void {
  planEdit(context, schemaEdit(body, schema));
}

function schemaEdit(body: AstNode, schema: string): NodeEdit {
  const at = locationOf(body);
  return {
    text: [{ start: at, end: at, text: `${quoteIdentifier(schema)}.` }],
    node: body,
    apply: (copy) => ({ ...(copy as object), schemaname: schema }),
  };
}

const deniedSystem: ReadonlySet<string> = new Set([
  'pg_authid',
  'pg_shadow',
  'pg_file_settings',
  'pg_hba_file_rules',
  'pg_ident_file_mappings',
  'pg_largeobject',
  'pg_user_mapping',
]);

/** Values of columns as the planner sampled them; pg_statistic_ext only defines what is sampled. */
const statistics: ReadonlySet<string> = new Set([
  'pg_stats',
  'pg_stats_ext',
  'pg_stats_ext_exprs',
  'pg_statistic',
  'pg_statistic_ext_data',
]);

/** Reads of pg_catalog and information_schema. */
export function judgeSystemRead(context: Context, relation: CatalogRelation, body: AstNode): void {
  const { name, schema } = relation;
  if (deniedSystem.has(name) || schema.startsWith('pg_toast')) {
    refuse({
      rule: 'system-relation',
      message: `permission denied for table ${name}`,
      detail: `${schema}.${name} holds secrets or raw values of the whole server.`,
      table: { schema, name },
      offset: locationOf(body),
    });
  }
  refuseCounters(context, relation, locationOf(body));
  if (statistics.has(name)) {
    markOpaque(context, 'transaction', 'it reads planner statistics');
    context.found.touchesMasked = true;
  }
}

/** The access that policies give to a relation for an operation, or a refusal that says why not. */
export function requireAccess(
  context: Context,
  relation: CatalogRelation,
  use: { readonly operation: TableOperation; readonly body: AstNode },
): GrantedRelation {
  const access = context.input.access.relations.get(relation.oid);
  const { schema, name } = relation;
  const { operation } = use;
  const offset = locationOf(use.body);
  const hint = context.input.hint({ schema, name }, operation);
  const table = { schema, name };
  const message = `permission denied for ${kindWord(relation)} ${name}`;
  if (access === undefined) {
    const detail = `Rule "default deny": no policy grants ${operation} on ${schema}.${name}.`;
    refuse({ rule: 'default-deny', message, detail, hint, table, offset });
  }
  if (access.refusal !== null) {
    const { rule } = access.refusal;
    refuse({ rule, message, detail: access.refusal.message, hint, table, offset });
  }
  if (access.withheld?.has(operation) === true) {
    const detail = `A policy grants ${operation} on ${schema}.${name}, but the agent's own role on the server may not pass it on: it needs the right WITH GRANT OPTION.`;
    refuse({ rule: 'agent-grant-option', message, detail, hint, table, offset });
  }
  if (!access.operations.has(operation)) {
    refuse({ rule: 'operation', message, detail: grantedOnly(access, operation), hint, table, offset });
  }
  noteUse(context, access, operation);
  if (access.rowFilter !== null) noteFiltered(context, relation, offset);
  return { relation, access };
}

function grantedOnly(access: RelationAccess, operation: TableOperation): string {
  const origins = access.origins.map((origin) => `${origin.policy} v${origin.version}`).join(', ');
  const granted = [...access.operations].join(', ') || 'nothing';
  return `Policy ${origins} grants ${granted} on ${access.schema}.${access.name}, not ${operation}.`;
}

function noteUse(context: Context, access: RelationAccess, operation: TableOperation): void {
  const { oid, schema, name } = access;
  const masked = access.masks.size > 0;
  const { tables } = context.found;
  if (!tables.some((use) => use.oid === oid && use.operation === operation)) {
    tables.push({ oid, schema, name, operation, masked });
  }
  if (isProtected(access)) context.found.touchesMasked = true;
}

function kindWord(relation: CatalogRelation): string {
  const words = {
    r: 'table',
    p: 'table',
    v: 'view',
    m: 'materialized view',
    f: 'foreign table',
    S: 'sequence',
  };
  return words[relation.kind];
}

/** Code that reading this relation runs: row security and views with user functions. */
export function judgeReadCode(context: Context, relation: CatalogRelation): void {
  const secured = ({ hasUserExpressions, rowSecurity }: CatalogRelation): boolean =>
    hasUserExpressions && rowSecurity;
  const isView = relation.kind === 'v';
  // functions in a view run with the session's rights, and so do those of the policies on what it reads
  const below = isView ? (relation.reads ?? []) : [];
  const runs =
    secured(relation) ||
    (isView && (relation.reads === null || relation.hasUserExpressions)) ||
    below.some(({ oid }) => {
      const source = context.input.catalog.relations.get(oid);
      return source === undefined || secured(source);
    });
  if (runs) markOpaque(context, 'transaction', `reading ${relation.name} runs functions made by users`);
  judgeColumnCasts(context, relation);
}

/** The server may put a cast around a column wherever another type is wanted. */
function judgeColumnCasts(context: Context, relation: CatalogRelation): void {
  const { castTypes } = context.input.catalog;
  if (castTypes === undefined) return;
  const cast = relation.columns.find(({ typeOid }) => castTypes.has(typeOid));
  if (cast === undefined) return;
  markOpaque(context, 'transaction', `casts of ${relation.name}.${cast.name} run functions made by users`);
}

/** What fires a trigger that nobody vouched for. */
function unvouchedEvents(context: Context, { triggers, userTriggers }: CatalogRelation): readonly string[] {
  const vouched = context.input.access.vouched?.triggers;
  if (triggers === undefined || vouched === undefined) return userTriggers;
  return triggers.filter(({ oid }) => !vouched.has(oid)).flatMap(({ events }) => events);
}

/** Keeps a statement out of the elevated tier when writing would run user code. */
export function judgeWriteCode(
  context: Context,
  relation: CatalogRelation,
  operations: readonly ('insert' | 'update' | 'delete')[],
): void {
  for (const written of writtenRelations(context.input.catalog, relation, operations)) {
    const { relation: member, operations: reached } = written;
    const access = context.input.access.relations.get(member.oid);
    const isReached = member !== relation;
    // its constraints and triggers may quote values in an error although the statement never names it
    if (
      access === undefined
        ? isReached
        : isProtected(access) || (isReached && !access.operations.has('select'))
    )
      context.found.touchesMasked = true;
    const fires = unvouchedEvents(context, member).some((event) =>
      [...reached].some((operation) => operation === event),
    );
    if (fires || member.hasRules || member.hasUserExpressions) {
      const at = isReached ? ` on ${member.schema}.${member.name}` : '';
      const why = `writing to ${relation.name} runs triggers or functions made by users${at}`;
      markOpaque(context, 'transaction', why);
    }
  }
  if (relation.kind === 'f' || relation.kind === 'v')
    blockElevation(context, `${relation.name} is not a plain table`);
}
