import { type AstNode, list, locationOf, stringsOf, type TaggedNode } from '../ast/node.ts';
import { type CatalogType, relationKey } from '../catalog.ts';
import { blockElevation, type Context, markOpaque } from './context.ts';
import { refuse } from './refusal.ts';

/** Operators of pg_catalog, all majors: an unqualified one of these is looked up there first. */
const builtinOperators: ReadonlySet<string> = new Set(
  (
    '!~ !~* !~~ !~~* # ## #- #> #>> #>= #< #<= #<> #= % & && &&& &< &<| &> * *< *<= *<> *= *> *>= + - -> ->> -|- / ' +
    '< <# <-> << <<= <<| <= <> <@ <^ = > >= >> >>= >^ ? ?# ?& ?- ?-| ?| ?|| @ @- @-@ @> @? @@ @@@ ^ ^@ | |&> |/ |>> || ||/ ' +
    '~ ~* ~<=~ ~<~ ~= ~>=~ ~>~ ~~ ~~* !! ! !~~ !='
  ).split(' '),
);

/** An operator as it is written, or as the grammar writes it for IN, LIKE, NULLIF, …. */
export function judgeOperator(context: Context, name: readonly unknown[]): void {
  const path = stringsOf(name) ?? [];
  const operator = path.at(-1) ?? '';
  const schema = path.at(-2);
  if (operator.startsWith('BETWEEN') || operator.startsWith('NOT BETWEEN')) {
    judgeBare(context, '<=');
    return judgeBare(context, '>=');
  }
  if (schema === 'pg_catalog') return;
  if (schema === undefined) return judgeBare(context, operator);
  if (isHarmless(context, operator)) return;
  markOpaque(context, 'session', `it uses the operator ${path.join('.')}, which is not a built-in one`);
}

/**
 * An operator by its bare name. Where there is another of that name outside pg_catalog, the server may pick it for
 * its types: then the statement stays in base, where its code reads what the session reads. OPERATOR(pg_catalog.+)
 * would bind it, and silently change what the statement means for the other's own types.
 */
export function judgeBare(context: Context, operator: string): void {
  if (isHarmless(context, operator)) return;
  if (!builtinOperators.has(operator)) {
    return markOpaque(context, 'session', `it uses the operator ${operator}, which is not a built-in one`);
  }
  if (context.input.catalog.userOperators.has(operator)) {
    blockElevation(context, `the operator ${operator} also exists outside pg_catalog`);
  }
}

/** Outside pg_catalog only extensions have it whose operators compute from their operands alone. */
function isHarmless(context: Context, operator: string): boolean {
  const { userOperators, harmlessOperators } = context.input.catalog;
  return harmlessOperators?.has(operator) === true && !userOperators.has(operator);
}

/** A type that is written in the statement. */
export function judgeType(context: Context, node: TaggedNode): void {
  const path = stringsOf(list(node.body, 'names')) ?? [];
  const name = path.at(-1) ?? '';
  const schema = path.at(-2) ?? null;
  if (schema === 'pg_catalog') return;
  if (schema === 'information_schema') return;
  refuseMaskedRow(context, node.body, { schema, name });
  if (schema !== null && schema.startsWith('pg_temp')) {
    return markOpaque(context, 'session', `it uses the type ${name}, which the session made itself`);
  }
  const types = findTypes(context, schema, name);
  if (types.length === 0) {
    if (schema !== null) blockElevation(context, `the type ${path.join('.')} is not a built-in one`);
    return;
  }
  for (const type of types) judgeUserType(context, type);
}

function findTypes(context: Context, schema: string | null, name: string): readonly CatalogType[] {
  const all = context.input.catalog.userTypes.get(name) ?? [];
  return schema === null ? all : all.filter((type) => type.schema === schema);
}

function judgeUserType(context: Context, type: CatalogType): void {
  if (context.input.catalog.castTypes?.has(type.oid) === true) {
    return markOpaque(context, 'transaction', `casts of the type ${type.name} run functions made by users`);
  }
  if (type.kind === 'e') return;
  const runsChecks = type.kind === 'd' || type.kind === 'c';
  if (runsChecks) markOpaque(context, 'transaction', `the type ${type.name} may run functions made by users`);
  else blockElevation(context, `the type ${type.name} is not a built-in one`);
}

/** A cast to a masked table's own row type would put masked values where real ones are expected. */
function refuseMaskedRow(
  context: Context,
  body: AstNode,
  type: { readonly schema: string | null; readonly name: string },
): void {
  for (const schema of schemasOf(context, type.schema)) {
    const relation = context.input.catalog.byName.get(relationKey(schema, type.name));
    if (relation === undefined) continue;
    const access = context.input.access.relations.get(relation.oid);
    if (access === undefined || access.masks.size === 0) continue;
    refuse({
      rule: 'whole-row-cast',
      message: `rows cannot be cast to ${schema}.${type.name}, which has masked columns`,
      table: { schema, name: type.name },
      offset: locationOf(body),
    });
  }
}

function schemasOf(context: Context, schema: string | null): Iterable<string> {
  if (schema !== null) return [schema];
  return context.names.searchPathTouched ? context.input.catalog.schemas : context.names.searchPath;
}
