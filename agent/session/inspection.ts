import type { SessionContext } from './context.ts';

/**
 * What a session may still hold after user code ran in it, and how the agent looks (adr/0010). Asked on the
 * session's own connection: everything is named in full, so that nothing that was planted can answer.
 *
 * The role's objects are asked for on the agent's connection instead (agent/roles/left-behind.ts).
 */
export const inspectionQuery = `SELECT pg_catalog.json_build_object(
  'path', pg_catalog.to_json(pg_catalog.current_schemas(true)),
  'cursors', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_cursors c WHERE c.is_holdable),
  'prepared', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(p.name, p.statement))
               FROM pg_catalog.pg_prepared_statements p WHERE p.from_sql))`;

interface Held {
  readonly path: readonly string[];
  readonly cursors: number;
  readonly prepared: readonly (readonly [name: string, text: string])[] | null;
}

/**
 * Whether the session holds nothing but what its own statements, seen by the gate, put there: no cursor WITH HOLD
 * (its query may call anything), no prepared statement with another text than was forwarded, and the search path
 * that names are looked up in.
 */
export function holdsOnlyItsOwn(answer: string, session: Pick<SessionContext, 'names'>): boolean {
  const held = JSON.parse(answer) as Held;
  if (held.cursors > 0 || !isOurPath(held.path, session.names.searchPath)) return false;
  return (held.prepared ?? []).every(([name, text]) => session.names.preparedText(name) === text);
}

/** pg_catalog first, pg_temp last if it exists; in between a part of our own path, in its order. */
function isOurPath(found: readonly string[], ours: readonly string[]): boolean {
  const [first, ...rest] = found;
  if (first !== 'pg_catalog') return false;
  const schemas = /^pg_temp_\d+$/.test(rest.at(-1) ?? '') ? rest.slice(0, -1) : rest;
  let from = 0;
  for (const schema of schemas) {
    const at = ours.indexOf(schema, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
