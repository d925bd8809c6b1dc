import { isPositionalCall, literalArgument, parseQualifiedName } from '../ast/arguments.ts';
import { type AstNode, list, locationOf } from '../ast/node.ts';
import { type CatalogRelation, relationKey } from '../catalog.ts';
import type { Context } from './context.ts';
import { refuse } from './refusal.ts';

/** Functions that reach a sequence by name; `lastval` reaches whatever the session used before. */
export const sequenceFunctions: ReadonlySet<string> = new Set(['nextval', 'currval', 'setval', 'lastval']);

/** Allowed on a sequence that belongs to a column of a table with an insert grant, written as a literal. */
export function judgeSequenceCall(context: Context, body: AstNode, name: string): void {
  if (name === 'lastval' && list(body, 'args').length === 0) return;
  context.found.readLiteral = true;
  const literal = isPositionalCall(body) ? literalArgument(body, 0) : null;
  const sequence = literal === null ? null : findSequence(context, literal);
  if (sequence !== null && isOwnedByGranted(context, sequence)) return;
  refuse({
    rule: 'sequence',
    message: `permission denied for sequence ${literal ?? 'that is not named by a literal'}`,
    detail: `Rule "sequence": ${name} needs an insert grant on the table whose column owns the sequence.`,
    hint: context.input.hint(null, 'insert'),
    offset: locationOf(body),
  });
}

function findSequence(context: Context, literal: string): CatalogRelation | null {
  const parts = parseQualifiedName(literal);
  const { byName } = context.input.catalog;
  if (parts === null) return null;
  const [first, second] = parts;
  if (parts.length === 2) return byName.get(relationKey(first ?? '', second ?? '')) ?? null;
  // the server would look the name up on its own path
  if (parts.length !== 1 || context.names.searchPathTouched) return null;
  for (const schema of ['pg_catalog', ...context.names.searchPath]) {
    const relation = byName.get(relationKey(schema, first ?? ''));
    if (relation !== undefined) return relation;
  }
  return null;
}

/** Whether a table with an insert grant owns the sequence. */
export function isOwnedByGranted(context: Context, sequence: CatalogRelation): boolean {
  if (sequence.kind !== 'S') return false;
  for (const access of context.input.access.relations.values()) {
    if (access.refusal !== null || !access.operations.has('insert')) continue;
    const table = context.input.catalog.relations.get(access.oid);
    if (table?.ownedSequences.includes(sequence.oid)) return true;
  }
  return false;
}
