import type { GrantedRelation } from './granted-relation.ts';

/** One thing in FROM, or the target of a write, as column references see it. */
export interface FromItem {
  /** The name that column references use; null when it has none. */
  readonly alias: string | null;
  /** Visible column names in order; null when they are not known here. */
  readonly columns: readonly string[] | null;
  /** Set when the item is a masked relation that is read through a subquery. */
  readonly masked: GrantedRelation | null;
  /** On a side of an outer join that may be filled with NULLs. */
  readonly nullable: boolean;
  /** Set when the item can also be named with its schema (`public.customers.email`). */
  readonly schema: string | null;
  /** Set when references to its columns reach the row that is written, not a subquery. */
  readonly target: GrantedRelation | null;
}

/** A query level: its WITH names and its FROM. Inner levels see outer ones. */
export interface Scope {
  readonly parent: Scope | null;
  readonly ctes: Set<string>;
  readonly items: FromItem[];
}

/** An empty level inside `parent`. */
export function innerScope(parent: Scope | null): Scope {
  return { parent, ctes: new Set(), items: [] };
}

/** Whether an unqualified relation name means a WITH query here (inner ones shadow outer ones and tables). */
export function seesCte(scope: Scope | null, name: string): boolean {
  for (let at = scope; at !== null; at = at.parent) if (at.ctes.has(name)) return true;
  return false;
}

/** What a column reference means. */
export type ColumnMeaning =
  | { readonly kind: 'column'; readonly item: FromItem; readonly column: string }
  | { readonly kind: 'row'; readonly item: FromItem }
  | { readonly kind: 'unknown' };

const unknown: ColumnMeaning = { kind: 'unknown' };

/** The innermost item of that name. */
export function findItem(scope: Scope, alias: string): FromItem | null {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const item = at.items.find((candidate) => candidate.alias === alias);
    if (item !== undefined) return item;
  }
  return null;
}

/** The innermost item that `schema.table` means: an alias hides the schema, so aliased items never match. */
export function findItemBySchema(scope: Scope, schema: string, table: string): FromItem | null {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const item = at.items.find((candidate) => candidate.schema === schema && candidate.alias === table);
    if (item !== undefined) return item;
  }
  return null;
}

/**
 * Resolves `column` (no dot) the way PostgreSQL does, level by level. `unknown` when a level holds an item
 * whose columns are not known here, or when two items have the column.
 */
export function resolveUnqualified(scope: Scope, column: string): ColumnMeaning {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const holders = at.items.filter((item) => item.columns?.includes(column));
    const [holder] = holders;
    if (at.items.some((item) => item.columns === null)) return unknown;
    if (holders.length > 1) return unknown;
    if (holder !== undefined) return { kind: 'column', item: holder, column };
  }
  const row = findItem(scope, column);
  return row === null ? unknown : { kind: 'row', item: row };
}

/** Every item that a reference of this name could mean, when it cannot be told which. */
export function couldMean(scope: Scope, column: string, test: (item: FromItem) => boolean): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    for (const item of at.items) {
      if (test(item) && (item.alias === column || (item.columns?.includes(column) ?? true))) return true;
    }
  }
  return false;
}
