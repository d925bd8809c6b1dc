import { list, locationOf, stringsOf } from '../ast/node.ts';
import { anyIn } from '../ast/tree.ts';
import type { Context } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { refuse } from './refusal.ts';

/**
 * `excluded` in ON CONFLICT DO UPDATE holds what the client itself sends, and still the server wants SELECT on the
 * column of that name (PostgreSQL docs, "INSERT"): a masked one is readable in the elevated tier at most.
 */
export function judgeExcluded(context: Context, value: unknown, granted: GrantedRelation | null): void {
  if (granted === null) return;
  anyIn(value, (child) => {
    const path = stringsOf(list(child.body, 'fields'));
    if (path?.length !== 2 || path[0] !== 'excluded') return false;
    const mask = [...granted.access.masks.values()].find(({ column }) => column === path[1]);
    if (mask === undefined) return false;
    if (context.elevate && (mask.needsValue || mask.matchEquality)) context.found.needsElevated = true;
    else refuseExcluded(granted, mask.column, locationOf(child.body));
    return false;
  });
}

function refuseExcluded(granted: GrantedRelation, column: string, offset: number): never {
  const { schema, name } = granted.relation;
  refuse({
    rule: 'masked-excluded',
    message: `excluded.${column} cannot be read here, because ${name}.${column} is masked`,
    detail: 'Rule "masked excluded": PostgreSQL wants the right to read the column for it.',
    hint: 'Write the value itself, or a parameter, in place of the reference.',
    table: { schema, name },
    offset,
  });
}
