import type { ColumnMask, RelationAccess } from './access.ts';
import type { Catalog, CatalogRelation } from './catalog.ts';
import type { MasksByRelation } from './mask-closure.ts';

/** What is known when a view is judged. */
export interface ViewSubject {
  readonly relation: CatalogRelation;
  readonly catalog: Catalog;
  readonly masks: MasksByRelation;
  /** The policy masks anything at all: then a view that cannot be traced may show it. */
  readonly hasMasks: boolean;
}

/**
 * Whether a granted view must be refused. A view runs with its owner's rights, so what it reads is read
 * whatever the session's role may do. Which of its columns carry which source column is not known, so a
 * view that reaches a masked column is accepted only when each of its own columns is masked.
 */
export function viewRefusal(subject: ViewSubject): RelationAccess['refusal'] {
  const { relation, catalog, masks, hasMasks } = subject;
  if (!hasMasks) return null;
  const title = `${relation.schema}.${relation.name}`;
  if (relation.reads === null || relation.reads.some(({ oid }) => catalog.relations.get(oid)?.kind === 'f')) {
    return {
      rule: 'view-untraceable',
      message: `What the view ${title} reads cannot be traced, and the policy masks columns.`,
    };
  }
  const reached = reachedMasks(subject);
  const first = reached[0];
  if (first === undefined) return null;
  const own = masks.get(relation.oid);
  const open = relation.columns.filter((column) => !own?.has(column.attnum)).map((column) => column.name);
  if (open.length === 0) return null;
  return {
    rule: 'view-reaches-masked',
    message: `The view ${title} reads the masked column ${first.source}.${first.mask.column}; its columns ${open.join(', ')} have no mask.`,
  };
}

function reachedMasks({
  relation,
  catalog,
  masks,
}: ViewSubject): readonly { source: string; mask: ColumnMask }[] {
  return (relation.reads ?? []).flatMap(({ oid, columns }) => {
    const source = catalog.relations.get(oid);
    const title = source === undefined ? String(oid) : `${source.schema}.${source.name}`;
    return [...(masks.get(oid)?.values() ?? [])]
      .filter((mask) => columns === null || columns.includes(mask.attnum))
      .map((mask) => ({ source: title, mask }));
  });
}
