import { isPositionalCall, literalArgument } from '../ast/arguments.ts';
import { type AstNode, locationOf } from '../ast/node.ts';
import type { Context } from './context.ts';
import { refuse } from './refusal.ts';

/**
 * The parameters that a session may set. Anything that changes how text is read (quoting, encoding), what
 * names mean, who the session is or how much of the server it takes is pinned.
 */
type Allowed = (value: string) => boolean;

const anything: Allowed = () => true;
const isOn: Allowed = (value) => ['on', 'true', 'yes', '1', 't'].includes(value.toLowerCase());
const isUtf8: Allowed = (value) => ['utf8', 'utf-8', 'unicode'].includes(value.toLowerCase());

const free = [
  'application_name',
  'client_min_messages',
  'datestyle',
  'timezone',
  'intervalstyle',
  'extra_float_digits',
  'bytea_output',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'default_transaction_isolation',
  'default_transaction_read_only',
  'default_transaction_deferrable',
  'transaction_isolation',
  'transaction_read_only',
  'transaction_deferrable',
  'plan_cache_mode',
  'synchronize_seqscans',
  'transaction_timeout',
  'xmloption',
  'xmlbinary',
  'jit',
  'jit_above_cost',
  'jit_inline_above_cost',
  'jit_optimize_above_cost',
];

const parameters: ReadonlyMap<string, Allowed> = new Map<string, Allowed>([
  ...free.map((name): [string, Allowed] => [name, anything]),
  ['client_encoding', isUtf8],
  ['standard_conforming_strings', isOn],
  ['row_security', isOn],
]);

/** Planner switches: they change plans, not results, but for the order of rows that nobody sorts. */
const planner = /^(enable_[a-z_]+|cursor_tuple_fraction)$/;

/**
 * Whether the parameter may be set to this value; null stands for DEFAULT or RESET. Planner switches stay as they are
 * where something is hidden: an index over a masked column gives its rows in the order of the real values, and a
 * session that takes all other plans away could ask for that order.
 */
export function mayChange(context: Context, name: string, value: string | null): boolean {
  const lower = name.toLowerCase();
  if (planner.test(lower)) return value === null || !hidesAnything(context);
  const allowed = parameters.get(lower);
  if (allowed === undefined) return false;
  // the server's defaults of the pinned ones are what the agent set
  return value === null || allowed(value);
}

function hidesAnything({ input }: Context): boolean {
  const granted = [...input.access.relations.values()];
  return granted.some(({ masks, rowFilter }) => masks.size > 0 || rowFilter !== null);
}

/** Refuses to change a parameter. */
export function refuseParameter(context: Context, name: string, offset: number): never {
  refuse({
    rule: 'set-parameter',
    message: `permission denied to set parameter "${name}"`,
    detail:
      'Rule "set parameter": this parameter is pinned, or cannot take this value, in sessions under a policy.',
    hint: context.input.hint(null, null),
    offset,
  });
}

/** set_config() under the same list; name and value must be literals, and the search path has its own statement. */
export function judgeSetConfig(context: Context, body: AstNode): void {
  context.found.readLiteral = true;
  const name = isPositionalCall(body) ? literalArgument(body, 0) : null;
  const value = literalArgument(body, 1);
  if (name !== null && (value !== null || takesAnything(name)) && mayChange(context, name, value ?? ''))
    return;
  if (context.input.sql.trim().replace(/;$/, '') === pgDumpHardening) return;
  refuseParameter(context, name ?? 'that is not a literal', locationOf(body));
}

function takesAnything(name: string): boolean {
  return parameters.get(name.toLowerCase()) === anything;
}

/**
 * What pg_dump 12 and later send first, to servers that know the parameter and those that do not: it only takes away
 * from the session. Nothing but this very text is meant, since the name comes from a column.
 */
const pgDumpHardening =
  `SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings ` +
  `WHERE name = 'restrict_nonsystem_relation_kind'`;
