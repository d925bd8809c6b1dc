import { field, list, locationOf, type TaggedNode, text, unwrap } from '../ast/node.ts';
import { forEachIn } from '../ast/tree.ts';
import type { Context } from './context.ts';
import { refuse } from './refusal.ts';
import { visitReturning } from './returning.ts';
import { innerScope, type Scope } from './scope.ts';
import { visitFrom, visitWith } from './select.ts';
import { judgeTarget, targetItem } from './writes.ts';

type WriteOperation = 'insert' | 'update' | 'delete';

/** MERGE between relations without masks; with a masked one on either side it is refused for now. */
export function visitMerge(context: Context, node: TaggedNode, outer: Scope): void {
  const scope = innerScope(outer);
  const before = context.found.tables.length;
  visitWith(context, node, scope);
  const relation = field(node.body, 'relation') ?? {};
  const granted = judgeTarget(context, relation, operationsOf(node));
  const inner = innerScope(scope);
  inner.items.push(targetItem(relation, granted));
  const source = unwrap(node.body['sourceRelation']);
  visitFrom(context, source === null ? [] : [source.wrapper], inner);
  forEachIn(node, 'joinCondition', (child) => context.visit(child, inner));
  forEachIn(node, 'mergeWhenClauses', (child) => context.visit(child, inner));
  visitReturning(context, node, { granted, scope: inner });
  const masked = context.found.tables.slice(before).find((use) => use.masked);
  if (masked === undefined && (granted?.access.masks.size ?? 0) === 0) return;
  refuse({
    rule: 'unsupported-on-masked',
    sqlstate: '0A000',
    message: 'MERGE is not supported with tables that have masked columns',
    hint: 'Use UPDATE, INSERT … ON CONFLICT or DELETE.',
    table:
      masked === undefined
        ? { schema: granted?.relation.schema ?? '', name: granted?.relation.name ?? '' }
        : masked,
    offset: locationOf(relation),
  });
}

function operationsOf(node: TaggedNode): readonly WriteOperation[] {
  const operations = new Set<WriteOperation>();
  for (const value of list(node.body, 'mergeWhenClauses')) {
    const command = text(unwrap(value)?.body ?? {}, 'commandType');
    if (command === 'CMD_INSERT') operations.add('insert');
    if (command === 'CMD_UPDATE') operations.add('update');
    if (command === 'CMD_DELETE') operations.add('delete');
  }
  // WHEN MATCHED THEN DO NOTHING alone still locks what it reads
  return operations.size === 0 ? ['update'] : [...operations];
}
