import type { ViewSource } from '@daam/shared/sql/catalog';

interface ViewRows {
  readonly views: readonly {
    readonly oid: number;
    readonly whole_rows: boolean;
    readonly untraceable: boolean;
  }[];
  readonly viewSources: readonly { readonly oid: number; readonly source: number; readonly attnum: number }[];
}

/** Attnums that are read; null: all of them. */
type Columns = ReadonlySet<number> | null;

/**
 * What each user-made view reads, at any depth, the views on the way included. A view over a view is taken to
 * read all that the inner one reads. Null: something on the way cannot be traced.
 */
export function traceViews(rows: ViewRows): ReadonlyMap<number, readonly ViewSource[] | null> {
  const direct = directSources(rows);
  const traced = new Map<number, ReadonlyMap<number, Columns> | null>();
  const trace = (oid: number, path: ReadonlySet<number>): ReadonlyMap<number, Columns> | null => {
    const known = traced.get(oid);
    if (known !== undefined) return known;
    const sources = direct.get(oid);
    if (sources === null || sources === undefined || path.has(oid)) return null;
    const all = new Map(sources);
    for (const source of sources.keys()) {
      if (!direct.has(source)) continue;
      const inner = trace(source, new Set([...path, oid]));
      if (inner === null) return null;
      for (const [table, columns] of inner) all.set(table, union(all.get(table), columns));
    }
    return all;
  };
  for (const oid of direct.keys()) traced.set(oid, trace(oid, new Set()));
  return new Map([...traced].map(([oid, sources]) => [oid, sources === null ? null : toList(sources)]));
}

function directSources({
  views,
  viewSources,
}: ViewRows): ReadonlyMap<number, ReadonlyMap<number, Columns> | null> {
  const byView = Map.groupBy(viewSources, (row) => row.oid);
  return new Map(
    views.map(({ oid, whole_rows, untraceable }) => {
      if (untraceable) return [oid, null];
      const sources = new Map<number, Columns>();
      for (const { source, attnum } of byView.get(oid) ?? []) {
        const columns = whole_rows ? null : new Set(attnum > 0 ? [attnum] : []);
        sources.set(source, union(sources.get(source), columns));
      }
      return [oid, sources];
    }),
  );
}

function union(a: Columns | undefined, b: Columns): Columns {
  if (a === undefined) return b;
  return a === null || b === null ? null : new Set([...a, ...b]);
}

function toList(sources: ReadonlyMap<number, Columns>): readonly ViewSource[] {
  return [...sources].map(([oid, columns]) => ({
    oid,
    columns: columns === null ? null : [...columns].sort((a, b) => a - b),
  }));
}
