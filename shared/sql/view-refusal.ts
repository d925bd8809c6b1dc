import type { RelationAccess } from './access.ts';
import type { Catalog, CatalogRelation, ColumnAddress, ViewCondition } from './catalog.ts';
import type { MasksByRelation } from './mask-closure.ts';

/**
 * Whether a view is safe to read under a policy's masks. A view runs with its owner's rights, so what it reads is
 * read whatever the session's role may do. Columns that are plain copies of masked ones have their masks already
 * (mask-closure.ts); refused is a view whose other columns, conditions, order or grouping depend on a masked column,
 * one that cannot be traced, and one over such a view.
 */
export class ViewJudge {
  readonly #catalog: Catalog;
  readonly #masks: MasksByRelation;
  readonly #hasMasks: boolean;
  readonly #mayRead: (relation: CatalogRelation) => boolean;
  /** What `#rowsRefusal` found, by view. */
  readonly #rows = new Map<number, Refusal | null>();
  /** The message about the view at the bottom, by views that are refused because of it. */
  readonly #roots = new Map<number, string>();
  /** What `#invokerRefusal` found, by view. */
  readonly #invokers = new Map<number, Refusal | null>();
  /** What `#hiddenColumn` found, by column. */
  readonly #hidden = new Map<string, string | null>();

  constructor(options: {
    readonly catalog: Catalog;
    /** Closed over views. */
    readonly masks: MasksByRelation;
    /** The policy masks anything at all: then a view that cannot be traced may show it. */
    readonly hasMasks: boolean;
    /** Whether the policy grants SELECT on a relation: what a security_invoker view needs. */
    readonly mayRead: (relation: CatalogRelation) => boolean;
  }) {
    this.#catalog = options.catalog;
    this.#masks = options.masks;
    this.#hasMasks = options.hasMasks;
    this.#mayRead = options.mayRead;
  }

  /** Null: the view may be read as its masks say. */
  refusal(view: CatalogRelation): Refusal | null {
    if (!this.#hasMasks) return this.#invokerRefusal(view);
    return (
      this.#rowsRefusal(view) ??
      this.#first(view.lineage === null ? [] : view.columns, ({ attnum }) =>
        this.#columnRefusal(view, attnum),
      ) ??
      this.#invokerRefusal(view)
    );
  }

  /** What makes every column of a view unsafe, and those of views over it. */
  #rowsRefusal(view: CatalogRelation): Refusal | null {
    for (const each of this.#below(view, this.#rows)) {
      const refusal =
        each.lineage === null
          ? this.#withoutLineage(each)
          : (this.#first(each.lineage.sources, (oid) => this.#sourceRefusal(each, oid)) ??
            this.#first(each.lineage.conditions, (condition) => this.#conditionRefusal(each, condition)));
      this.#rows.set(each.oid, refusal);
    }
    return this.#rows.get(view.oid) ?? null;
  }

  /**
   * A view and the views that it reads at any depth, without those that are known, each after what it reads. Without
   * recursion: how deep views lie over each other is in the hands of whoever may create them.
   */
  #below(view: CatalogRelation, known: ReadonlyMap<number, unknown>): readonly CatalogRelation[] {
    if (known.has(view.oid)) return [];
    const ordered: CatalogRelation[] = [];
    const seen = new Set([view.oid]);
    const open = [{ view, sources: sourcesOf(view) }];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.sources.next();
      if (next.done === true) {
        ordered.push(top.view);
        open.pop();
        continue;
      }
      const source = this.#catalog.relations.get(next.value);
      if (source === undefined || !isView(source) || known.has(source.oid) || seen.has(source.oid)) continue;
      seen.add(source.oid);
      open.push({ view: source, sources: sourcesOf(source) });
    }
    return ordered;
  }

  #sourceRefusal(view: CatalogRelation, oid: number): Refusal | null {
    const source = this.#catalog.relations.get(oid);
    if (source === undefined) return this.#untraceable(view, 'it reads a relation that is not known');
    if (source.kind === 'f')
      return this.#untraceable(view, `it reads the foreign table ${titleOf(source)}, where no mask holds`);
    if (!isView(source)) return null;
    const inner = this.#rows.get(oid);
    if (inner === undefined) return this.#untraceable(view, 'it is defined by way of itself');
    if (inner === null) return null;
    // One level is told: the text must not grow with the depth.
    const root = this.#roots.get(oid) ?? inner.message;
    this.#roots.set(view.oid, root);
    return { rule: inner.rule, message: `The view ${titleOf(view)} reads another view. ${root}` };
  }

  #conditionRefusal(view: CatalogRelation, { column, through, asks }: ViewCondition): Refusal | null {
    const hidden = this.#hiddenColumn(column);
    if (hidden === null) return null;
    const mask = this.#maskOf(column);
    if (asks === 'is null' && mask?.matchEquality === true) return null;
    if (typeof asks !== 'string' && mask?.matchEquality === true) {
      const other = this.#maskOf(asks.equals);
      if (other?.matchEquality === true && other.preset === mask.preset) return null;
    }
    return {
      rule: 'view-reaches-masked',
      message: `The view ${titleOf(view)} depends on the masked column ${hidden} in ${through}, so that its rows tell about it.`,
    };
  }

  /** A column without a mask that is computed from a masked one, or shows such a column of a view below. */
  #columnRefusal(view: CatalogRelation, attnum: number): Refusal | null {
    if (this.#maskOf({ oid: view.oid, attnum }) !== null) return null;
    const column = view.lineage?.columns.get(attnum);
    const name = view.columns.find((each) => each.attnum === attnum)?.name ?? '';
    if (column === undefined) return this.#untraceable(view, `nothing is known of its column ${name}`);
    for (const source of [...column.computedFrom, ...column.copies]) {
      const hidden = this.#hiddenColumn(source);
      if (hidden === null) continue;
      return {
        rule: 'view-reaches-masked',
        message: `The view ${titleOf(view)} computes its column ${name} from the masked column ${hidden}; a mask on ${titleOf(view)}.${name} makes it readable.`,
      };
    }
    return null;
  }

  /**
   * With security_invoker the sources are read with the session's own rights: it must have them, and on masked
   * columns it has none but while elevated. A materialized view holds rows that were read before.
   */
  #invokerRefusal(view: CatalogRelation): Refusal | null {
    for (const each of this.#below(view, this.#invokers)) {
      const reads = each.invokerRights ? columnsRead(each) : null;
      const refusal = this.#first(each.lineage?.sources ?? [], (oid) => {
        const source = this.#catalog.relations.get(oid);
        if (source === undefined || source.system) return null;
        const own =
          reads === null ? null : this.#invokerRead({ view: each, source, isRead: reads.get(oid) ?? [] });
        return own ?? (source.kind === 'v' ? (this.#invokers.get(oid) ?? null) : null);
      });
      this.#invokers.set(each.oid, refusal);
    }
    return this.#invokers.get(view.oid) ?? null;
  }

  #invokerRead({ view, source, isRead }: InvokerRead): Refusal | null {
    if (!this.#mayRead(source)) {
      return {
        rule: 'view-invoker-rights',
        message: `The view ${titleOf(view)} reads with the rights of whoever asks (security_invoker), and no policy grants select on ${titleOf(source)}.`,
      };
    }
    const hidden = this.#first(isRead, (attnum) => this.#hiddenColumn({ oid: source.oid, attnum }));
    if (hidden === null) return null;
    return {
      rule: 'view-invoker-rights',
      message: `The view ${titleOf(view)} reads the masked column ${hidden} with the rights of whoever asks (security_invoker), and nobody has them.`,
    };
  }

  /** Only which tables are read is known, or nothing: every column may show every masked one. */
  #withoutLineage(view: CatalogRelation): Refusal | null {
    if (view.reads === null) return this.#untraceable(view, view.untraceable);
    const open = view.columns.filter(({ attnum }) => this.#maskOf({ oid: view.oid, attnum }) === null);
    for (const { oid, columns } of view.reads) {
      if (this.#catalog.relations.get(oid)?.kind === 'f')
        return this.#untraceable(view, 'it reads a foreign table, where no mask holds');
      if (open.length === 0) continue;
      const hidden = this.#first(columns ?? [0], (attnum) => this.#hiddenColumn({ oid, attnum }));
      if (hidden === null) continue;
      return {
        rule: 'view-reaches-masked',
        message: `The view ${titleOf(view)} reads the masked column ${hidden}; its columns ${open.map(({ name }) => name).join(', ')} have no mask.`,
      };
    }
    return null;
  }

  #untraceable(view: CatalogRelation, because: string | null): Refusal {
    const reason = because === null ? '' : `, because ${because}`;
    return {
      rule: 'view-untraceable',
      message: `What the view ${titleOf(view)} shows cannot be traced${reason}, and the policy masks columns.`,
    };
  }

  /**
   * The name of a masked column behind this address, at any depth of views; null when there is none. Every column is
   * looked at once. One that is made by way of itself, which no server has, counts as hidden.
   */
  #hiddenColumn(address: ColumnAddress): string | null {
    const known = this.#hidden.get(keyOf(address));
    if (known !== undefined) return known;
    const open = [this.#look(address)];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.found === null ? top.sources.next() : null;
      if (next === null || next.done === true) {
        this.#hidden.set(top.key, top.found);
        open.pop();
        const above = open.at(-1);
        if (above !== undefined) above.found = top.found;
        continue;
      }
      const below = this.#hidden.get(keyOf(next.value));
      if (below === undefined) open.push(this.#look(next.value));
      else top.found = below;
    }
    return this.#hidden.get(keyOf(address)) ?? null;
  }

  /** A column that is about to be looked at; what it is made of by itself is known at once. */
  #look(address: ColumnAddress): Look {
    const { oid, attnum } = address;
    const key = keyOf(address);
    const relation = this.#catalog.relations.get(oid);
    const name = relation?.columns.find((column) => column.attnum === attnum)?.name ?? '';
    // stands while the columns below are looked at
    this.#hidden.set(key, relation === undefined ? null : `${titleOf(relation)}.${name}`);
    if (relation !== undefined && this.#maskOf(address) !== null)
      return { key, found: `${titleOf(relation)}.${name}`, sources: none.values() };
    return { key, found: null, sources: relation === undefined ? none.values() : madeOf(relation, attnum) };
  }

  #maskOf({ oid, attnum }: ColumnAddress) {
    return this.#masks.get(oid)?.get(attnum) ?? null;
  }

  #first<Item, Found>(items: Iterable<Item>, find: (item: Item) => Found | null): Found | null {
    for (const item of items) {
      const found = find(item);
      if (found !== null) return found;
    }
    return null;
  }
}

type Refusal = NonNullable<RelationAccess['refusal']>;

interface InvokerRead {
  /** The security_invoker view. */
  readonly view: CatalogRelation;
  readonly source: CatalogRelation;
  readonly isRead: readonly number[];
}

interface Look {
  readonly key: string;
  found: string | null;
  readonly sources: Iterator<ColumnAddress, undefined>;
}

const none: readonly ColumnAddress[] = [];

function keyOf({ oid, attnum }: ColumnAddress): string {
  return `${oid}.${attnum}`;
}

function isView({ system, kind }: CatalogRelation): boolean {
  return !system && (kind === 'v' || kind === 'm');
}

function sourcesOf({ lineage }: CatalogRelation): Iterator<number, undefined> {
  return (lineage?.sources ?? []).values();
}

/** 0 is the whole row. */
function madeOf(relation: CatalogRelation, attnum: number): Iterator<ColumnAddress, undefined> {
  if (attnum === 0)
    return relation.columns.map((column) => ({ oid: relation.oid, attnum: column.attnum })).values();
  const { computedFrom = [], copies = [] } = relation.lineage?.columns.get(attnum) ?? {};
  return [...computedFrom, ...copies].values();
}

/** The columns of each source that a view reads. */
function columnsRead({ lineage }: CatalogRelation): ReadonlyMap<number, readonly number[]> {
  const { columns, conditions } = lineage ?? { columns: new Map(), conditions: [] };
  const all: readonly ColumnAddress[] = [
    ...[...columns.values()].flatMap(({ copies, computedFrom }) => [...copies, ...computedFrom]),
    ...conditions.map(({ column }) => column),
  ];
  const read = new Map<number, number[]>();
  for (const { oid, attnum } of all) {
    const known = read.get(oid);
    if (known === undefined) read.set(oid, [attnum]);
    else known.push(attnum);
  }
  return read;
}

function titleOf({ schema, name }: CatalogRelation): string {
  return `${schema}.${name}`;
}
