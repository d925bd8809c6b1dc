import { type AstNode, locationOf, text } from '../ast/node.ts';
import type { Context } from './context.ts';
import { refuse } from './refusal.ts';

/** The name of a relation that a CREATE makes; refuses unless it is a temporary one. */
export function judgeTemporaryName(context: Context, relation: AstNode): string {
  const name = text(relation, 'relname') ?? '';
  const schema = text(relation, 'schemaname');
  const marked = text(relation, 'relpersistence') === 't';
  const database = text(relation, 'catalogname');
  const isTemporary = schema === 'pg_temp' || (marked && schema === null);
  if (isTemporary && database === null) return name;
  return refuse({
    rule: 'ddl',
    message: `permission denied to create ${[schema, name].filter((part) => part !== null).join('.')}`,
    detail: 'Rule "ddl": sessions under a policy create temporary tables only.',
    hint: context.input.hint(null, null),
    offset: locationOf(relation),
  });
}
