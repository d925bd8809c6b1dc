import type { Catalog, CatalogColumn, CatalogRelation, ColumnAddress } from './catalog.ts';

/** A column that shows values of another. */
export interface ValueTarget {
  readonly relation: CatalogRelation;
  readonly column: string;
}

/** Where the values of one column go. */
export interface ValuePaths {
  /** Columns that show them unchanged. */
  readonly copies: readonly ValueTarget[];
  /** Columns of the same relation that are generated from them. */
  readonly generated: readonly CatalogColumn[];
}

const byCatalog = new WeakMap<Catalog, PathIndex>();

/**
 * Where the values of every column of a catalogue go: along inheritance by column name, in both directions; from
 * referenced columns to foreign keys; from columns to the view columns that are plain copies of them; to generated
 * columns. Made once for each catalogue.
 */
export function valuePaths(catalog: Catalog): PathIndex {
  const known = byCatalog.get(catalog);
  if (known !== undefined) return known;
  const index = new PathIndex(catalog);
  byCatalog.set(catalog, index);
  return index;
}

interface MutablePaths {
  readonly copies: ValueTarget[];
  readonly generated: CatalogColumn[];
}

const nowhere: ValuePaths = { copies: [], generated: [] };

/** By OID and name of the column that the values come from. */
export class PathIndex {
  readonly #catalog: Catalog;
  readonly #paths = new Map<number, Map<string, MutablePaths>>();
  readonly #names = new Map<number, ReadonlyMap<number, string>>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
    for (const relation of catalog.relations.values()) {
      this.#addInheritance(relation);
      this.#addForeignKeys(relation);
      this.#addViewColumns(relation);
      this.#addGenerated(relation);
    }
  }

  /** Of one column; empty where its values go nowhere. */
  from(oid: number, column: string): ValuePaths {
    return this.#paths.get(oid)?.get(column) ?? nowhere;
  }

  #addInheritance(child: CatalogRelation): void {
    for (const oid of new Set(child.parents)) {
      const parent = this.#catalog.relations.get(oid);
      if (parent === undefined) continue;
      const shared = new Set(this.#namesOf(parent).values());
      for (const { name } of child.columns) {
        if (!shared.has(name)) continue;
        this.#at(parent.oid, name).copies.push({ relation: child, column: name });
        this.#at(child.oid, name).copies.push({ relation: parent, column: name });
      }
    }
  }

  #addForeignKeys(relation: CatalogRelation): void {
    for (const { columns, references, referenced } of relation.foreignKeys) {
      for (const [index, attnum] of referenced.entries())
        this.#addCopy({ oid: references, attnum }, relation, columns[index]);
    }
  }

  #addViewColumns(relation: CatalogRelation): void {
    for (const [attnum, { copies }] of relation.lineage?.columns ?? [])
      for (const source of copies) this.#addCopy(source, relation, attnum);
  }

  #addGenerated(relation: CatalogRelation): void {
    for (const column of relation.columns) {
      for (const attnum of column.generatedFrom ?? []) {
        const source = this.#namesOf(relation).get(attnum);
        if (source !== undefined) this.#at(relation.oid, source).generated.push(column);
      }
    }
  }

  #addCopy({ oid, attnum }: ColumnAddress, relation: CatalogRelation, to: number | undefined): void {
    const from = this.#catalog.relations.get(oid);
    if (from === undefined || to === undefined) return;
    const source = this.#namesOf(from).get(attnum);
    const column = this.#namesOf(relation).get(to);
    if (source !== undefined && column !== undefined) this.#at(oid, source).copies.push({ relation, column });
  }

  #at(oid: number, column: string): MutablePaths {
    const ofRelation = this.#paths.get(oid) ?? new Map<string, MutablePaths>();
    this.#paths.set(oid, ofRelation);
    const known = ofRelation.get(column) ?? { copies: [], generated: [] };
    ofRelation.set(column, known);
    return known;
  }

  #namesOf(relation: CatalogRelation): ReadonlyMap<number, string> {
    const known = this.#names.get(relation.oid);
    if (known !== undefined) return known;
    const names = new Map(relation.columns.map(({ attnum, name }) => [attnum, name]));
    this.#names.set(relation.oid, names);
    return names;
  }
}
