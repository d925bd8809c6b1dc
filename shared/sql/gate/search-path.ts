import { isPositionalCall, literalArgument } from '../ast/arguments.ts';
import { type AstNode, as, bodiesOf, constantOf, flag, list, locationOf, unwrap } from '../ast/node.ts';
import { quoteIdentifier, quoteLiteral } from '../quote.ts';
import { parseExpression, parseTargets } from '../rewrite/fragment.ts';
import { type Context, planEdit } from './context.ts';
import { refuseParameter } from './parameters.ts';
import { refuse } from './refusal.ts';

/**
 * The search path, by SET and by set_config(): it is written anew as schemas that exist, then pg_temp, so that
 * pg_catalog stays first and temporary objects never shadow permanent ones. From then on every relation is named
 * with its schema: whether a statement ran, and whether it was rolled back, the gate need not know.
 */

/** What the session's path is from here on; null: the default. */
export function setPath(context: Context, path: readonly string[] | null): void {
  context.names.searchPath = path ?? context.input.catalog.defaultSearchPath;
  context.names.searchPathTouched = true;
}

/** SET search_path. */
export function judgeSearchPath(context: Context, body: AstNode, kind: string): void {
  if (kind === 'VAR_SET_DEFAULT' || kind === 'VAR_RESET') {
    context.found.effects.push({ kind: 'set-search-path', path: null, local: flag(body, 'is_local') });
    return setPath(context, null);
  }
  // FROM CURRENT is meant for CREATE FUNCTION … SET
  if (kind !== 'VAR_SET_VALUE') refuseParameter(context, 'search_path', -1);
  const args = list(body, 'args');
  const path = pathOf(context, args.map(valueText), offsetOf(args[0]));
  rewritePath(context, body, path);
  context.found.effects.push({ kind: 'set-search-path', path, local: flag(body, 'is_local') });
  setPath(context, path);
}

/** The schemas to search, or a refusal when there is no such schema. */
function pathOf(context: Context, names: readonly string[], offset: number): readonly string[] {
  const path = [...new Set(names)].filter((name) => !implied.has(name));
  for (const name of path) {
    if (context.input.catalog.schemas.has(name) && !name.startsWith('pg_')) continue;
    refuse({
      rule: 'set-parameter',
      sqlstate: '3F000',
      message: `schema "${name.replaceAll('\u0000', '')}" does not exist`,
      offset,
    });
  }
  return path;
}

/** Names that the server searches anyway, or that stand for nothing in a session of ours. */
const implied: ReadonlySet<string> = new Set(['', '$user', 'pg_catalog', 'pg_temp']);

function rewritePath(context: Context, body: AstNode, path: readonly string[]): void {
  const args = list(body, 'args');
  const start = offsetOf(args[0]);
  const end = context.source.endAt(offsetOf(args.at(-1)));
  const names = [...path, 'pg_temp'];
  // SET takes a list of names like a select list takes strings: the same A_Const nodes
  const literals = names.map((name) => `'${name.replaceAll("'", "''")}'`).join(', ');
  const targets = parseTargets(context.parts.parser, literals) ?? [];
  const nodes = bodiesOf(targets, 'ResTarget').map((target) => target['val']);
  const text = names.map(quoteIdentifier).join(', ');
  planEdit(context, {
    text: [{ start, end, text }],
    node: body,
    apply: (copy) => ({ ...(copy as object), args: nodes }),
  });
}

/** A value in SET as text; what is not a constant becomes a text that no parameter takes. */
export function valueText(value: unknown): string {
  const constant = constantOf(value);
  return constant === null || constant.kind === 'null' ? '\u0000' : String(constant.value);
}

/** Where the first token of a value in SET stands; -1 when there is no value. */
export function offsetOf(value: unknown): number {
  return locationOf(unwrap(value)?.body ?? { location: -1 });
}

/** Whether a call of set_config is one for the search path. */
export function isPathConfig(call: AstNode): boolean {
  return isPositionalCall(call) && literalArgument(call, 0)?.toLowerCase() === 'search_path';
}

/**
 * set_config('search_path', '…', …), as pg_dump and migration tools call it. The value must be a literal.
 */
export function judgePathConfig(context: Context, call: AstNode): void {
  const value = literalArgument(call, 1);
  const names = value === null ? null : parseNameList(value);
  const constant = as(list(call, 'args')[1], 'A_Const');
  if (names === null || constant === null) return refuseParameter(context, 'search_path', locationOf(call));
  const path = pathOf(context, names, locationOf(call));
  const written = quoteLiteral([...path, 'pg_temp'].map(quoteIdentifier).join(', '));
  const tree = as(parseExpression(context.parts.parser, written), 'A_Const');
  const start = locationOf(constant);
  planEdit(context, {
    text: [{ start, end: context.source.endAt(start), text: written }],
    node: constant,
    apply: () => tree,
  });
  const local = isTrue(list(call, 'args')[2]);
  context.found.effects.push({ kind: 'set-search-path', path, local });
  setPath(context, path);
}

/** TRUE as each major writes it. */
function isTrue(value: unknown): boolean {
  const constant = constantOf(as(value, 'TypeCast')?.['arg'] ?? value);
  if (constant?.kind === 'boolean') return constant.value;
  return (
    constant?.kind === 'string' && ['t', 'true', 'on', 'yes', '1'].includes(constant.value.toLowerCase())
  );
}

/** A list of identifiers as the server splits one (SplitIdentifierString in varlena.c); null when it is malformed. */
function parseNameList(text: string): readonly string[] | null {
  if (text.trim() === '') return [];
  const entry = /^\s*(?:"((?:[^"]|"")*)"|([^\s",]+))\s*(?:,|$)/;
  const names: string[] = [];
  let rest = text;
  while (rest !== '') {
    const match = entry.exec(rest);
    if (match === null) return null;
    const bare = (match[2] ?? '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    names.push(match[1]?.replaceAll('""', '"') ?? bare);
    rest = rest.slice(match[0].length);
    if (rest === '' && match[0].trimEnd().endsWith(',')) return null;
  }
  return names;
}
