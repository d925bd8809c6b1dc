import type { ViewLineage, ViewSource } from '@daam/shared/sql/catalog';
import { isTreeNode, parseNodeTree, type TreeNode, type TreeValue } from './node-tree.ts';
import { readLineage } from './view-lineage.ts';

/** Rows of the queries about views (catalog-queries.ts). */
export interface ViewRows {
  readonly views: readonly ViewRow[];
  readonly viewFacts: readonly {
    readonly kind: 'function' | 'relation' | 'equality';
    readonly oid: number;
    readonly name: string;
  }[];
}

interface ViewRow {
  readonly oid: number;
  /** Changes whenever the view's query does. */
  readonly rule: string;
  readonly invoker_rights: boolean;
  /** A function or operator made by users that the query calls. */
  readonly user_code: string | null;
}

/** What is known of a view's own query. */
export type OwnTrace =
  | { readonly lineage: ViewLineage; readonly because: null }
  /** `because` goes on from "cannot be traced, because …". */
  | { readonly lineage: null; readonly because: string };

/** A view with the views below it. */
export interface ViewTrace {
  readonly lineage: ViewLineage | null;
  readonly untraceable: string | null;
  readonly invokerRights: boolean;
  /** Everything that it reads at any depth, the views on the way included; null when that is not known. */
  readonly reads: readonly ViewSource[] | null;
}

/** Queries that were read already, by their rule. Owned by whoever loads the catalogue again and again. */
export type TraceCache = Map<string, OwnTrace>;

/** The views whose queries have to be fetched. */
export function untracedViews({ views }: ViewRows, cache: TraceCache): readonly number[] {
  return views.filter(({ rule }) => !cache.has(rule)).map(({ oid }) => oid);
}

/** Traces every view; new ones are put into the cache, gone ones are dropped from it. */
export function traceViews(
  rows: ViewRows,
  trees: readonly { readonly oid: number; readonly tree: string | null }[],
  cache: TraceCache,
): ReadonlyMap<number, ViewTrace> {
  const facts = factsOf(rows);
  const treeOf = new Map(trees.map(({ oid, tree }) => [oid, tree]));
  const own = new Map<number, OwnTrace>();
  const kept = new Map<string, OwnTrace>();
  for (const view of rows.views) {
    const known = cache.get(view.rule) ?? traceTree(view.oid, treeOf.get(view.oid) ?? null, facts);
    kept.set(view.rule, known);
    own.set(view.oid, view.user_code === null ? known : callsUserCode(view.user_code));
  }
  cache.clear();
  for (const [rule, trace] of kept) cache.set(rule, trace);
  const reads = new DeepReads(own);
  return new Map(
    rows.views.map(({ oid, invoker_rights }) => {
      const trace = own.get(oid) ?? unknownQuery;
      const view: ViewTrace = {
        lineage: trace.lineage,
        untraceable: trace.because,
        invokerRights: invoker_rights,
        reads: reads.of(oid),
      };
      return [oid, view];
    }),
  );
}

interface Facts {
  readonly functions: ReadonlyMap<string, string>;
  readonly relations: ReadonlyMap<string, string>;
  readonly equality: ReadonlySet<string>;
}

function factsOf({ viewFacts }: ViewRows): Facts {
  const of = (wanted: string): ReadonlyMap<string, string> =>
    new Map(viewFacts.filter(({ kind }) => kind === wanted).map(({ oid, name }) => [String(oid), name]));
  return { functions: of('function'), relations: of('relation'), equality: new Set(of('equality').keys()) };
}

const unknownQuery: OwnTrace = { lineage: null, because: 'its query is longer than is looked at' };

function callsUserCode(name: string): OwnTrace {
  return { lineage: null, because: `it calls ${name}, which is not a built-in function or operator` };
}

/** A query that is not understood is a view that cannot be traced, never a failure. */
function traceTree(view: number, tree: string | null, facts: Facts): OwnTrace {
  if (tree === null) return unknownQuery;
  try {
    const actions = parseNodeTree(tree);
    const query =
      Array.isArray(actions) && actions.length === 1 ? (actions as readonly TreeValue[])[0] : null;
    if (!isTreeNode(query ?? null)) return notUnderstood;
    const because = forbidden(query ?? null, facts);
    if (because !== null) return { lineage: null, because };
    return { lineage: readLineage(query as TreeNode, { view, equality: facts.equality }), because: null };
  } catch (thrown) {
    if (thrown instanceof RangeError) return notUnderstood;
    throw thrown;
  }
}

const notUnderstood: OwnTrace = { lineage: null, because: 'its query has a form that is not understood' };

/** Fields by which a stored query names functions (src/include/nodes/primnodes.h). */
const functionFields = ['funcid', 'opfuncid', 'aggfnoid', 'winfnoid'] as const;

/** Functions that run SQL or read relations by name, and relations that hold values of others. */
function forbidden(value: TreeValue, facts: Facts): string | null {
  if (Array.isArray(value)) return firstOf(value as readonly TreeValue[], facts);
  if (!isTreeNode(value)) return null;
  for (const name of functionFields) {
    const called = facts.functions.get(wordOf(value, name));
    if (called !== undefined) return `it calls ${called}, which reads more than its arguments`;
  }
  if (value.fields.has('rtekind')) {
    const read = facts.relations.get(wordOf(value, 'relid'));
    if (read !== undefined) return `it reads ${read}, which holds values of other tables or secrets`;
  }
  return firstOf([...value.fields.values()], facts);
}

function wordOf(node: TreeNode, name: string): string {
  const word = node.fields.get(name);
  return typeof word === 'string' ? word : '';
}

function firstOf(values: readonly TreeValue[], facts: Facts): string | null {
  for (const value of values) {
    const found = forbidden(value, facts);
    if (found !== null) return found;
  }
  return null;
}

/** Attnums that are read; null: all of them. */
type Columns = ReadonlySet<number> | null;

/**
 * Relations that a view may read at any depth: of one that reads more, it is not known. Views over views would take time
 * and memory by the square of their number, and a report has no more room either.
 */
const maxReads = 1_000;

/** A view over a view is taken to read all that the inner one reads. */
class DeepReads {
  readonly #own: ReadonlyMap<number, OwnTrace>;
  readonly #known = new Map<number, ReadonlyMap<number, Columns> | null>();
  /** The views that are being traced, each above the next. */
  readonly #path = new Set<number>();

  constructor(own: ReadonlyMap<number, OwnTrace>) {
    this.#own = own;
  }

  of(view: number): readonly ViewSource[] | null {
    const found = this.#trace(view);
    if (found === null) return null;
    return [...found].map(([oid, columns]) => ({
      oid,
      columns: columns === null ? null : [...columns].toSorted((a, b) => a - b),
    }));
  }

  #trace(view: number): ReadonlyMap<number, Columns> | null {
    const known = this.#known.get(view);
    if (known !== undefined) return known;
    const lineage = this.#own.get(view)?.lineage ?? null;
    // What lies that deep reads too much as well.
    if (lineage === null || this.#path.has(view) || this.#path.size > maxReads) return null;
    this.#path.add(view);
    const all = this.#traceWith(lineage);
    this.#path.delete(view);
    this.#known.set(view, all);
    return all;
  }

  #traceWith(lineage: ViewLineage): ReadonlyMap<number, Columns> | null {
    const all = directReads(lineage);
    for (const source of lineage.sources) {
      if (!this.#own.has(source)) continue;
      const inner = this.#trace(source);
      if (inner === null) return null;
      for (const [oid, columns] of inner) all.set(oid, union(all.get(oid), columns));
    }
    return all.size > maxReads ? null : all;
  }
}

function directReads({ sources, columns, conditions }: ViewLineage): Map<number, Columns> {
  const all = new Map<number, Columns>(sources.map((oid) => [oid, new Set<number>()]));
  const read = [
    ...[...columns.values()].flatMap(({ copies, computedFrom }) => [...copies, ...computedFrom]),
    ...conditions.map(({ column }) => column),
  ];
  for (const { oid, attnum } of read)
    all.set(oid, union(all.get(oid), attnum === 0 ? null : new Set([attnum])));
  return all;
}

function union(a: Columns | undefined, b: Columns): Columns {
  if (a === undefined) return b;
  return a === null || b === null ? null : new Set([...a, ...b]);
}
