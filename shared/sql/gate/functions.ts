import { type AstNode, list, locationOf, stringsOf, type TaggedNode } from '../ast/node.ts';
import type { CatalogFunction } from '../catalog.ts';
import { judgeCarefully } from './careful-functions.ts';
import { quoteIdentifier } from '../quote.ts';
import { type Context, markOpaque } from './context.ts';
import { judgeSetConfig } from './parameters.ts';
import { refuseCounterFunction } from './filtered-rows.ts';
import { refuse } from './refusal.ts';
import { isPathConfig, judgePathConfig } from './search-path.ts';
import { judgeSequenceCall, sequenceFunctions } from './sequences.ts';

/** Calls of functions: reviewed built-ins pass, user functions are opaque, the rest is refused. */
export function judgeFunctionCall(context: Context, node: TaggedNode): void {
  const { body } = node;
  const path = stringsOf(list(body, 'funcname')) ?? [];
  const name = path.at(-1) ?? '';
  const schema = path.at(-2) ?? null;
  if (path.length > 2 && path[0] !== context.input.catalog.database) unknownFunction(body, path);
  if (schema === null) judgeUnqualified(context, body, name);
  else if (schema === 'pg_catalog') judgeBuiltin(context, body, name);
  else judgeQualified(context, body, { schema, name, path });
}

function judgeUnqualified(context: Context, body: AstNode, name: string): void {
  const candidates = reachable(context, name);
  if (candidates.length > 0) {
    if (context.parts.functions.isKnown(name)) judgeBuiltin(context, body, name);
    judgeUserFunction(context, body, candidates);
    pinVouched(context, body, candidates);
    return;
  }
  judgeBuiltin(context, body, name);
  planQualification(context, body);
}

/** User functions of that name that the server could pick; all of them once the search path is not certain. */
function reachable(context: Context, name: string): readonly CatalogFunction[] {
  const all = context.input.catalog.userFunctions.get(name) ?? [];
  if (context.names.searchPathTouched) return all;
  return all.filter((candidate) => context.names.searchPath.includes(candidate.schema));
}

function judgeBuiltin(context: Context, body: AstNode, name: string): void {
  if (sequenceFunctions.has(name)) return judgeSequenceCall(context, body, name);
  if (name === 'set_config') {
    if (isPathConfig(body)) return judgePathConfig(context, body);
    return judgeSetConfig(context, body);
  }
  const { functions } = context.parts;
  refuseCounterFunction(context, name, body);
  if (functions.isAllowed(name)) return judgeCarefully(context, name, body);
  if (functions.isKnown(name)) {
    refuse({
      rule: 'function-allow-list',
      message: `permission denied for function ${name}`,
      detail: 'Rule "function allow-list": this built-in function reads or runs more than its arguments.',
      hint: context.input.hint(null, null),
      offset: locationOf(body),
    });
  }
  if (!context.names.opaqueObjects) unknownFunction(body, [name]);
  markOpaque(context, 'session', `it calls ${name}, which the session may have made itself`);
}

/** Helpers of information_schema that drivers call in their catalogue queries (src/backend/catalog/information_schema.sql). */
const informationSchemaFunctions: ReadonlySet<string> = new Set([
  '_pg_expandarray',
  '_pg_keysequal',
  '_pg_index_position',
  '_pg_truetypid',
  '_pg_truetypmod',
  '_pg_char_max_length',
  '_pg_char_octet_length',
  '_pg_numeric_precision',
  '_pg_numeric_precision_radix',
  '_pg_numeric_scale',
  '_pg_datetime_precision',
  '_pg_interval_type',
]);

function judgeQualified(
  context: Context,
  body: AstNode,
  called: { readonly schema: string; readonly name: string; readonly path: readonly string[] },
): void {
  const { schema, name, path } = called;
  if (schema === 'information_schema' && informationSchemaFunctions.has(name)) return;
  if (schema.startsWith('pg_temp'))
    return markOpaque(context, 'session', `it calls ${name}, which the session made itself`);
  const all = context.input.catalog.userFunctions.get(name) ?? [];
  const candidates = all.filter((candidate) => candidate.schema === schema);
  if (candidates.length > 0) return judgeUserFunction(context, body, candidates);
  if (!context.names.opaqueObjects) unknownFunction(body, path);
  markOpaque(context, 'session', `it calls ${name}, which the session may have made itself`);
}

/** All that the server could pick, since overloads are told apart by types that the gate does not compute. */
function isVouched(context: Context, candidates: readonly CatalogFunction[]): boolean {
  const { vouched } = context.input.access;
  return vouched !== undefined && candidates.every(({ oid }) => vouched.functions.has(oid));
}

/** A vouched function is called by its full name in elevated statements, as built-in ones are. */
function pinVouched(context: Context, body: AstNode, candidates: readonly CatalogFunction[]): void {
  const schema = candidates[0]?.schema ?? '';
  const isOne = candidates.every((candidate) => candidate.schema === schema);
  if (!isOne) return;
  if (context.parts.functions.isKnown(candidates[0]?.name ?? '')) return;
  planQualification(context, body, schema);
}

function judgeUserFunction(context: Context, body: AstNode, candidates: readonly CatalogFunction[]): void {
  if (isVouched(context, candidates)) return;
  const definer = candidates.find((candidate) => candidate.securityDefiner);
  if (definer !== undefined) {
    refuse({
      rule: 'security-definer-function',
      message: `permission denied for function ${definer.name}`,
      detail: `Rule "security definer": ${definer.schema}.${definer.name} runs with its owner's rights, past every mask.`,
      hint: context.input.hint(null, null),
      offset: locationOf(body),
    });
  }
  // It was there before the session; what it leaves in it the agent looks for afterwards (adr/0010).
  markOpaque(
    context,
    'transaction',
    `it calls ${candidates[0]?.name ?? 'a function'}, which is not a built-in function`,
  );
}

function unknownFunction(body: AstNode, path: readonly string[]): never {
  refuse({
    rule: 'unknown-function',
    sqlstate: '42883',
    message: `function ${path.join('.')} does not exist`,
    offset: locationOf(body),
  });
}

/** In elevated statements a built-in function is called by its full name, so that no overload elsewhere wins. */
function planQualification(context: Context, body: AstNode, schema = 'pg_catalog'): void {
  const at = locationOf(body);
  context.found.qualifications.push({
    text: [
      { start: at, end: at, text: schema === 'pg_catalog' ? 'pg_catalog.' : `${quoteIdentifier(schema)}.` },
    ],
    node: body,
    apply: (copy) => {
      const call = copy as Record<string, unknown>;
      return { ...call, funcname: [schemaName(context, schema), ...list(call, 'funcname')] };
    },
  });
}

function schemaName(context: Context, schema: string): unknown {
  return context.input.catalog.major < 15 ? { String: { str: schema } } : { String: { sval: schema } };
}
