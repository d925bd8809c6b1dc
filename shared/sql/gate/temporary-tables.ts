import {
  type AstNode,
  as,
  bodiesOf,
  field,
  flag,
  list,
  locationOf,
  number,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import { forEachIn } from '../ast/tree.ts';
import { relationKey } from '../catalog.ts';
import { type Context, markOpaque } from './context.ts';
import { requireQuery, type StatementJudge, visitQuery } from './judgement.ts';
import { judgeInto } from './queries.ts';
import { refuse } from './refusal.ts';
import { requireAccess, resolveRelation } from './relations.ts';
import { innerScope } from './scope.ts';
import { judgeTemporaryName } from './temporary-name.ts';
import { judgeExecute } from './wrapping-statements.ts';

/** DDL on temporary tables, the only DDL that there is. */

/** CREATE TEMP TABLE … AS a query or AS EXECUTE. */
export const judgeCreateTableAs: StatementJudge = (context, node, statement) => {
  const kind = text(node.body, 'objtype') ?? text(node.body, 'relkind');
  if (kind !== 'OBJECT_TABLE') {
    refuse({
      rule: 'ddl',
      message: 'permission denied to create a materialized view',
      hint: context.input.hint(null, null),
    });
  }
  judgeInto(context, field(node.body, 'into') ?? {});
  const query = requireQuery(node, new Set(['SelectStmt', 'ExecuteStmt']));
  if (query.tag === 'ExecuteStmt') judgeExecute(context, query, statement);
  else visitQuery(context, query);
  return 'CREATE TABLE AS';
};

/** CREATE TEMP TABLE (…). */
export const judgeCreateTable: StatementJudge = (context, node) => {
  const relation = field(node.body, 'relation') ?? {};
  const name = judgeTemporaryName(context, relation);
  const odd = [
    'inhRelations',
    'partbound',
    'partspec',
    'ofTypename',
    'tablespacename',
    'accessMethod',
    'options',
  ];
  const found = odd.find((part) => node.body[part] !== undefined);
  if (found !== undefined) {
    refuse({
      rule: 'ddl',
      message: `this form of CREATE TABLE is not allowed (${found})`,
      offset: locationOf(relation),
    });
  }
  for (const value of [...list(node.body, 'tableElts'), ...list(node.body, 'constraints')])
    judgeElement(context, value);
  // a domain's checks or a default's functions run again at each later write
  if (context.found.opaque) markOpaque(context, 'session', 'the table holds code made by users');
  context.names.tempRelations.add(name);
  context.found.effects.push({ kind: 'temp-relation-created', name });
  return 'CREATE TABLE';
};

/** A column, a constraint or LIKE in CREATE TABLE and ALTER TABLE. */
export function judgeElement(context: Context, value: unknown): void {
  const node = unwrap(value);
  if (node === null) return;
  if (node.tag === 'TableLikeClause') return judgeLike(context, node.body);
  const constraints =
    node.tag === 'Constraint' ? [node.body] : bodiesOf(list(node.body, 'constraints'), 'Constraint');
  const refused = ['CONSTR_FOREIGN', 'CONSTR_EXCLUSION'];
  if (constraints.some((constraint) => refused.includes(text(constraint, 'contype') ?? ''))) {
    refuse({ rule: 'ddl', message: 'foreign keys and exclusions are not allowed on temporary tables here' });
  }
  context.visit(node, innerScope(null));
}

/** LIKE copies column names and types; with INCLUDING it would copy defaults and their functions. */
function judgeLike(context: Context, body: AstNode): void {
  const source = field(body, 'relation') ?? {};
  const meaning = resolveRelation(context, source);
  if (meaning.kind === 'relation' && !meaning.relation.system) {
    requireAccess(context, meaning.relation, { operation: 'select', body: source });
  }
  if (number(body, 'options') !== 0 || context.names.searchPathTouched) {
    markOpaque(context, 'session', 'LIKE … INCLUDING copies code');
  }
}

/** DROP TABLE of temporary tables; DROP of anything else is refused. */
export const judgeDrop: StatementJudge = (context, node) => {
  const paths = list(node.body, 'objects').map(
    (value) => stringsOf(list(as(value, 'List') ?? {}, 'items')) ?? [],
  );
  const type = text(node.body, 'removeType');
  const names = paths.map((path) => path.at(-1) ?? '');
  const kinds = ['OBJECT_TABLE', 'OBJECT_VIEW'];
  const allTemporary = paths.every((path) => isTemporaryPath(context, path));
  if (!kinds.includes(type ?? '') || !allTemporary) {
    refuse({
      rule: 'ddl',
      message: `permission denied to drop ${names.join(', ')}`,
      detail: 'Rule "ddl": sessions under a policy drop temporary tables only.',
      hint: context.input.hint(null, null),
    });
  }
  for (const name of names) context.names.tempRelations.delete(name);
  context.found.effects.push({ kind: 'temp-relation-dropped', names });
  return type === 'OBJECT_VIEW' ? 'DROP VIEW' : 'DROP TABLE';
};

function isTemporaryPath(context: Context, path: readonly string[]): boolean {
  const name = path.at(-1) ?? '';
  const known = context.names.tempRelations.has(name) || context.names.opaqueObjects;
  if (path.length === 2) return path[0] === 'pg_temp' && known;
  if (path.length !== 1 || !known) return false;
  return ['pg_catalog', ...context.names.searchPath].every(
    (schema) => !context.input.catalog.byName.has(relationKey(schema, name)),
  );
}

/** Statements that work on temporary tables only: TRUNCATE, CREATE INDEX, ANALYZE. */
export function judgeOnTemporary(
  command: string,
  relationsOf: (node: TaggedNode) => readonly AstNode[],
): StatementJudge {
  return (context, node) => {
    for (const relation of relationsOf(node)) requireTemporary(context, relation, command);
    for (const name of ['indexParams', 'indexIncludingParams', 'whereClause']) {
      forEachIn(node, name, (child) => context.visit(child, innerScope(null)));
    }
    // an index calls its functions again at each later write
    if (context.found.opaque) markOpaque(context, 'session', 'the table holds code made by users');
    return command;
  };
}

/** VACUUM and ANALYZE of temporary tables by name; without names they mean the whole database. */
export const judgeVacuum: StatementJudge = (context, node) => {
  const command = flag(node.body, 'is_vacuumcmd') ? 'VACUUM' : 'ANALYZE';
  const relations = bodiesOf(list(node.body, 'rels'), 'VacuumRelation');
  if (relations.length === 0) {
    refuse({
      rule: 'ddl',
      message: `permission denied to ${command} the whole database`,
      detail: `Rule "ddl": ${command} is allowed on temporary tables only.`,
      hint: context.input.hint(null, null),
    });
  }
  for (const body of relations) requireTemporary(context, field(body, 'relation') ?? {}, command);
  return command;
};

/** Refuses a relation that is not the session's own. */
export function requireTemporary(context: Context, relation: AstNode, command: string): void {
  const meaning = resolveRelation(context, relation);
  if (meaning.kind !== 'relation') return;
  const { schema, name } = meaning.relation;
  refuse({
    rule: 'ddl',
    message: `permission denied for table ${name}`,
    detail: `Rule "ddl": ${command} is allowed on temporary tables only.`,
    hint: context.input.hint({ schema, name }, null),
    table: { schema, name },
    offset: locationOf(relation),
  });
}
