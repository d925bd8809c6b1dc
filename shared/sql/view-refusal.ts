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
    const known = this.#rows.get(view.oid);
    if (known !== undefined) return known;
    // stands while it is worked out: a view below itself cannot be traced
    this.#rows.set(view.oid, this.#untraceable(view, 'it is defined by way of itself'));
    const refusal =
      view.lineage === null
        ? this.#withoutLineage(view)
        : (this.#first(view.lineage.sources, (oid) => this.#sourceRefusal(view, oid)) ??
          this.#first(view.lineage.conditions, (condition) => this.#conditionRefusal(view, condition)));
    this.#rows.set(view.oid, refusal);
    return refusal;
  }

  #sourceRefusal(view: CatalogRelation, oid: number): Refusal | null {
    const source = this.#catalog.relations.get(oid);
    if (source === undefined) return this.#untraceable(view, 'it reads a relation that is not known');
    if (source.kind === 'f')
      return this.#untraceable(view, `it reads the foreign table ${titleOf(source)}, where no mask holds`);
    if (source.system || (source.kind !== 'v' && source.kind !== 'm')) return null;
    const inner = this.#rowsRefusal(source);
    if (inner === null) return null;
    return { rule: inner.rule, message: `The view ${titleOf(view)} reads another view. ${inner.message}` };
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
   * columns it has none but while elevated.
   */
  #invokerRefusal(view: CatalogRelation): Refusal | null {
    for (const { through, source, isRead } of this.#invokerReads(view, new Set())) {
      if (!this.#mayRead(source)) {
        return {
          rule: 'view-invoker-rights',
          message: `The view ${titleOf(through)} reads with the rights of whoever asks (security_invoker), and no policy grants select on ${titleOf(source)}.`,
        };
      }
      const hidden = isRead
        .map((attnum) => this.#hiddenColumn({ oid: source.oid, attnum }))
        .find((each) => each !== null);
      if (hidden !== undefined && hidden !== null) {
        return {
          rule: 'view-invoker-rights',
          message: `The view ${titleOf(through)} reads the masked column ${hidden} with the rights of whoever asks (security_invoker), and nobody has them.`,
        };
      }
    }
    return null;
  }

  #invokerReads(view: CatalogRelation, path: ReadonlySet<number>): readonly InvokerRead[] {
    if (view.lineage === null || path.has(view.oid)) return [];
    const within = new Set([...path, view.oid]);
    return view.lineage.sources.flatMap((oid) => {
      const source = this.#catalog.relations.get(oid);
      if (source === undefined || source.system) return [];
      const below = source.kind === 'v' ? this.#invokerReads(source, within) : [];
      if (!view.invokerRights) return below;
      return [{ through: view, source, isRead: columnsRead(view, oid) }, ...below];
    });
  }

  /** Only which tables are read is known, or nothing: every column may show every masked one. */
  #withoutLineage(view: CatalogRelation): Refusal | null {
    if (view.reads === null) return this.#untraceable(view, view.untraceable);
    for (const { oid, columns } of view.reads) {
      if (this.#catalog.relations.get(oid)?.kind === 'f')
        return this.#untraceable(view, 'it reads a foreign table, where no mask holds');
      const hidden = (columns ?? [0])
        .map((attnum) => this.#hiddenColumn({ oid, attnum }))
        .find((name) => name !== null);
      const open = view.columns.filter(({ attnum }) => this.#maskOf({ oid: view.oid, attnum }) === null);
      if (hidden === undefined || open.length === 0) continue;
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

  /** The name of a masked column behind this address, at any depth of views; null when there is none. */
  #hiddenColumn({ oid, attnum }: ColumnAddress, path: ReadonlySet<string> = new Set()): string | null {
    const relation = this.#catalog.relations.get(oid);
    const key = `${oid}.${attnum}`;
    if (relation === undefined || path.has(key)) return null;
    const within = new Set([...path, key]);
    if (attnum === 0)
      return this.#first(relation.columns, (column) =>
        this.#hiddenColumn({ oid, attnum: column.attnum }, within),
      );
    const name = relation.columns.find((column) => column.attnum === attnum)?.name ?? '';
    if (this.#maskOf({ oid, attnum }) !== null) return `${titleOf(relation)}.${name}`;
    const { computedFrom = [], copies = [] } = relation.lineage?.columns.get(attnum) ?? {};
    return this.#first([...computedFrom, ...copies], (source) => this.#hiddenColumn(source, within));
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
  readonly through: CatalogRelation;
  readonly source: CatalogRelation;
  readonly isRead: readonly number[];
}

function columnsRead(view: CatalogRelation, oid: number): readonly number[] {
  const { columns, conditions } = view.lineage ?? { columns: new Map(), conditions: [] };
  const all: readonly ColumnAddress[] = [
    ...[...columns.values()].flatMap(({ copies, computedFrom }) => [...copies, ...computedFrom]),
    ...conditions.map(({ column }) => column),
  ];
  return all.filter((address) => address.oid === oid).map(({ attnum }) => attnum);
}

function titleOf({ schema, name }: CatalogRelation): string {
  return `${schema}.${name}`;
}
