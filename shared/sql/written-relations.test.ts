import { describe, expect, it } from 'vitest';
import { sampleCatalog, sampleRelation } from '../testing/catalog-samples.ts';
import type { CatalogForeignKey } from './catalog.ts';
import { type WriteOperation, writtenRelations } from './written-relations.ts';

const key = (references: number, actions: Partial<CatalogForeignKey>): readonly CatalogForeignKey[] => [
  { columns: [1], references, referenced: [1], onDelete: null, onUpdate: null, ...actions },
];

const catalog = sampleCatalog([
  sampleRelation(1, 'public.parent', { kind: 'p' }),
  sampleRelation(2, 'public.part', { parents: [1] }),
  sampleRelation(3, 'public.cascaded', { foreignKeys: key(2, { onDelete: 'delete', onUpdate: 'update' }) }),
  sampleRelation(4, 'public.nulled', { foreignKeys: key(3, { onDelete: 'update' }) }),
  sampleRelation(5, 'public.untouched', { foreignKeys: key(3, {}) }),
  sampleRelation(6, 'public.v', { kind: 'v', reads: [{ oid: 7, columns: [1] }] }),
  sampleRelation(7, 'public.w', { kind: 'v', reads: [{ oid: 4, columns: [1] }] }),
  sampleRelation(8, 'public.tree', { foreignKeys: key(8, { onDelete: 'delete' }) }),
]);

function written(oid: number, ...operations: WriteOperation[]): Record<string, string> {
  const relation = catalog.relations.get(oid);
  if (relation === undefined) throw new Error(String(oid));
  return Object.fromEntries(
    writtenRelations(catalog, relation, operations).map((each) => [
      each.relation.name,
      [...each.operations].toSorted().join(' '),
    ]),
  );
}

describe('writtenRelations', () => {
  it('follows foreign keys to where their actions delete or change rows', () => {
    expect(written(2, 'delete')).toEqual({ part: 'delete', cascaded: 'delete', nulled: 'update' });
    expect(written(2, 'update')).toEqual({ part: 'update', cascaded: 'update' });
    expect(written(2, 'insert')).toEqual({ part: 'insert' });
    expect(written(8, 'delete')).toEqual({ tree: 'delete' });
  });

  it('takes an UPDATE of a partitioned table for one that moves rows between partitions', () => {
    expect(written(1, 'update')).toEqual({
      parent: 'update',
      part: 'delete insert update',
      cascaded: 'delete update',
      nulled: 'update',
    });
  });

  it('goes through views to the tables behind them', () => {
    expect(written(6, 'update')).toEqual({ v: 'update', w: 'update', nulled: 'update' });
  });
});
