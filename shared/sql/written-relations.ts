import type { Catalog, CatalogRelation } from './catalog.ts';

/** What a write does to a relation, by itself or by way of another one. */
export type WriteOperation = 'insert' | 'update' | 'delete';

/** A relation that a write reaches, and how. */
export interface WrittenRelation {
  readonly relation: CatalogRelation;
  readonly operations: ReadonlySet<WriteOperation>;
}

/**
 * Every relation whose rows, and so whose triggers, rules and constraints, a write may reach: children and partitions
 * (an UPDATE may move a row from one to another, as DELETE and INSERT), the tables behind an updatable view, and by
 * ON DELETE and ON UPDATE actions of foreign keys the tables that refer to it, at any depth.
 */
export function writtenRelations(
  catalog: Catalog,
  relation: CatalogRelation,
  operations: readonly WriteOperation[],
): readonly WrittenRelation[] {
  const edges = edgesOf(catalog);
  const found = new Map<number, Set<WriteOperation>>();
  const open: { readonly oid: number; readonly operation: WriteOperation }[] = [];
  const reach = (oid: number, operation: WriteOperation): void => {
    const known = found.get(oid) ?? new Set<WriteOperation>();
    if (known.has(operation)) return;
    found.set(oid, known.add(operation));
    open.push({ oid, operation });
  };
  for (const operation of operations) reach(relation.oid, operation);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { oid, operation } = next;
    const at = catalog.relations.get(oid);
    const moves: readonly WriteOperation[] =
      at?.kind === 'p' && operation === 'update' ? ['update', 'insert', 'delete'] : [operation];
    for (const child of edges.children.get(oid) ?? []) for (const move of moves) reach(child, move);
    if (at?.kind === 'v') for (const { oid: source } of at.reads ?? []) reach(source, operation);
    for (const { from, onDelete, onUpdate } of edges.referring.get(oid) ?? []) {
      if (operation === 'delete' && onDelete !== null) reach(from, onDelete);
      if (operation === 'update' && onUpdate !== null) reach(from, onUpdate);
    }
  }
  return [...found].flatMap(([oid, reached]) => {
    const at = catalog.relations.get(oid);
    return at === undefined ? [] : [{ relation: at, operations: reached }];
  });
}

interface Edges {
  readonly children: ReadonlyMap<number, readonly number[]>;
  /** By the referenced table. */
  readonly referring: ReadonlyMap<number, readonly Referring[]>;
}

interface Referring {
  readonly from: number;
  readonly onDelete: 'delete' | 'update' | null;
  readonly onUpdate: 'update' | null;
}

const edgesByCatalog = new WeakMap<Catalog, Edges>();

function edgesOf(catalog: Catalog): Edges {
  const known = edgesByCatalog.get(catalog);
  if (known !== undefined) return known;
  const children = new Map<number, number[]>();
  const referring = new Map<number, Referring[]>();
  for (const { oid, parents, foreignKeys } of catalog.relations.values()) {
    for (const parent of parents) children.set(parent, [...(children.get(parent) ?? []), oid]);
    for (const { references, onDelete, onUpdate } of foreignKeys)
      referring.set(references, [...(referring.get(references) ?? []), { from: oid, onDelete, onUpdate }]);
  }
  const edges: Edges = { children, referring };
  edgesByCatalog.set(catalog, edges);
  return edges;
}
