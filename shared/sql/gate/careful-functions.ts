import { isPositionalCall, literalArgument, parseQualifiedName } from '../ast/arguments.ts';
import { type AstNode, list, unwrap } from '../ast/node.ts';
import { blockElevation, type Context, markOpaque } from './context.ts';

/**
 * Allowed built-in functions that may still reach code made by users: through a type named in a text, through the
 * row type of an argument, or through a body in SQL whose operators are looked up when it runs.
 */
export function judgeCarefully(context: Context, name: string, body: AstNode): void {
  if (readsTypeName.has(name)) judgeNamedType(context, name, body);
  if (fillsRow.test(name)) judgeRowType(context, name, body);
  if (hasSqlBody.has(name) && context.input.catalog.userOperators.size > 0)
    blockElevation(context, `${name} looks operators up when it runs, and there are some outside pg_catalog`);
}

/** They run the input function of the type, and with it the checks of a domain. */
const readsTypeName: ReadonlySet<string> = new Set(['pg_input_is_valid', 'pg_input_error_info']);

function judgeNamedType(context: Context, name: string, body: AstNode): void {
  context.found.readLiteral = true;
  const literal = isPositionalCall(body) ? literalArgument(body, 1) : null;
  const path =
    literal === null ? null : parseQualifiedName(literal.replace(/\s*(?:\([\d\s,]*\)|\[\d*\])/g, ''));
  const type = path?.at(-1) ?? '';
  const { userTypes, relations } = context.input.catalog;
  const isComposite = [...relations.values()].some((relation) => relation.name === type);
  const isOwn = path === null || (path.length > 1 && path[0] !== 'pg_catalog');
  if (isOwn || isComposite || userTypes.has(type))
    markOpaque(context, 'transaction', `${name} may run the checks of a type made by users`);
}

/** They convert values to the columns of a row type, which may be domains. */
const fillsRow = /^jsonb?_populate_record(?:set|_valid)?$/;

function judgeRowType(context: Context, name: string, body: AstNode): void {
  // a type that is written is judged where it is written
  if (unwrap(list(body, 'args')[0])?.tag === 'TypeCast') return;
  blockElevation(context, `${name} may run the checks of types made by users`);
}

/** Functions of pg_catalog in SQL; before 14 their bodies are texts. */
const hasSqlBody: ReadonlySet<string> = new Set([
  'age',
  'bit_length',
  'col_description',
  'date_part',
  'obj_description',
  'overlaps',
  'path_contain_pt',
  'pg_relation_size',
  'pg_sleep_for',
  'pg_sleep_until',
  'polygon',
  'shobj_description',
  'substring',
  'timestamptz',
  'ts_debug',
  'xpath',
  'xpath_exists',
]);
