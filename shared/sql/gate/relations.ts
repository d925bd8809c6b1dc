import type { RelationAccess } from '../access.ts';
import { type AstNode, locationOf, text } from '../ast/node.ts';
import { type Catalog, type CatalogRelation, relationKey } from '../catalog.ts';
import { quoteIdentifier } from '../quote.ts';
import type { TableOperation } from '../../policy/effective-policy.ts';
import { blockElevation, type Context, markOpaque, type NodeEdit, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { refuse } from './refusal.ts';

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
  if (context.names.tempRelations.has(name)) return { kind: 'temporary', name };
  return unknownRelation(context, body);
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
    message: `relation "${schema === null ? '' : `${schema}.`}${name}" does not exist`,
    offset: locationOf(body),
  });
}

/**
 * Writes the schema before an unqualified name: at once when the server's search path may differ from
 * ours, else only if the statement turns out to be an elevated one.
 */
export function pinSchema(context: Context, body: AstNode, meaning: RelationMeaning): void {
  if (meaning.kind !== 'relation' || meaning.qualified) return;
  const { schema } = meaning.relation;
  const at = locationOf(body);
  const edit: NodeEdit = {
    text: [{ start: at, end: at, text: `${quoteIdentifier(schema)}.` }],
    node: body,
    apply: (copy) => ({ ...(copy as object), schemaname: schema }),
  };
  if (context.names.searchPathTouched) planEdit(context, edit);
  else context.found.qualifications.push(edit);
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
  if (deniedSystem.has(name) || schema === 'pg_toast' || schema.startsWith('pg_toast')) {
    refuse({
      rule: 'system-relation',
      message: `permission denied for table ${name}`,
      detail: `${schema}.${name} holds secrets or raw values of the whole server.`,
      table: { schema, name },
      offset: locationOf(body),
    });
  }
  if (statistics.has(name)) {
    markOpaque(context, 'session', 'it reads planner statistics');
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
  if (!access.operations.has(operation)) {
    refuse({ rule: 'operation', message, detail: grantedOnly(access, operation), hint, table, offset });
  }
  noteUse(context, access, operation);
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
  if (masked) context.found.touchesMasked = true;
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
  const runs = relation.hasUserExpressions && (relation.rowSecurity || relation.kind === 'v');
  if (runs) markOpaque(context, 'transaction', `reading ${relation.name} runs functions made by users`);
}

const childrenOf = new WeakMap<Catalog, ReadonlyMap<number, readonly CatalogRelation[]>>();

function children(catalog: Catalog): ReadonlyMap<number, readonly CatalogRelation[]> {
  const known = childrenOf.get(catalog);
  if (known !== undefined) return known;
  const result = new Map<number, CatalogRelation[]>();
  for (const relation of catalog.relations.values()) {
    for (const parent of relation.parents) {
      const siblings = result.get(parent) ?? [];
      siblings.push(relation);
      result.set(parent, siblings);
    }
  }
  childrenOf.set(catalog, result);
  return result;
}

/** The relation and everything that inherits from it or is a partition of it. */
export function withDescendants(catalog: Catalog, relation: CatalogRelation): readonly CatalogRelation[] {
  const all = [relation];
  const seen = new Set([relation.oid]);
  for (let index = 0; index < all.length; index += 1) {
    for (const child of children(catalog).get(all[index]?.oid ?? 0) ?? []) {
      if (seen.has(child.oid)) continue;
      seen.add(child.oid);
      all.push(child);
    }
  }
  return all;
}

/** Keeps a statement out of the elevated tier when writing would run user code. */
export function judgeWriteCode(
  context: Context,
  relation: CatalogRelation,
  operations: readonly ('insert' | 'update' | 'delete')[],
): void {
  for (const member of withDescendants(context.input.catalog, relation)) {
    const fires = member.userTriggers.some((event) => operations.some((operation) => operation === event));
    if (fires || member.hasRules || member.hasUserExpressions) {
      markOpaque(
        context,
        'transaction',
        `writing to ${relation.name} runs triggers or functions made by users`,
      );
      return;
    }
  }
  if (relation.kind === 'f' || relation.kind === 'v')
    blockElevation(context, `${relation.name} is not a plain table`);
}
