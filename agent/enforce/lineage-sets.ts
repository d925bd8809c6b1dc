import type { ColumnAddress, ViewCondition } from '@daam/shared/sql/catalog';

/** Where a value comes from, while a view is being read (view-lineage.ts). */
export interface Flow {
  /** Columns that it is an unchanged copy of. */
  readonly copies: AddressSet;
  /** Columns that it is computed from in any other way. */
  readonly computed: AddressSet;
  /** It is a bare column, and nothing else. */
  readonly isPlain: boolean;
}

/** Columns, each once. */
export class AddressSet {
  static readonly none: AddressSet = new AddressSet();
  readonly #items = new Map<string, ColumnAddress>();

  static of(address: ColumnAddress): AddressSet {
    const set = new AddressSet();
    set.#items.set(keyOf(address), address);
    return set;
  }

  /** All that a value comes from, in whatever way. */
  static ofFlow({ copies, computed }: Flow): AddressSet {
    const set = new AddressSet();
    set.addAll(copies);
    set.addAll(computed);
    return set;
  }

  addAll(other: AddressSet): void {
    for (const [key, address] of other.#items) this.#items.set(key, address);
  }

  /** By OID, then number. */
  list(): readonly ColumnAddress[] {
    return [...this.#items.values()].toSorted(compareAddresses);
  }
}

/** What decides about a query's rows, each condition once. */
export class ConditionSet {
  readonly #items = new Map<string, ViewCondition>();

  /** Conditions that may ask anything of the values. */
  add(columns: AddressSet, through: string): void {
    for (const column of columns.list()) this.#put({ column, through, asks: 'anything' });
  }

  addNullTest(columns: AddressSet, through: string): void {
    for (const column of columns.list()) this.#put({ column, through, asks: 'is null' });
  }

  /** Each of the left columns against each of the right ones. */
  addEquality(left: AddressSet, right: AddressSet, through: string): void {
    for (const one of left.list()) {
      for (const other of right.list()) {
        this.#put({ column: one, through, asks: { equals: other } });
        this.#put({ column: other, through, asks: { equals: one } });
      }
    }
  }

  addAll(other: ConditionSet): void {
    for (const condition of other.#items.values()) this.#put(condition);
  }

  columns(): AddressSet {
    const set = new AddressSet();
    for (const { column } of this.#items.values()) set.addAll(AddressSet.of(column));
    return set;
  }

  list(): readonly ViewCondition[] {
    return [...this.#items.values()].toSorted((a, b) => compareAddresses(a.column, b.column));
  }

  #put(condition: ViewCondition): void {
    const { column, through, asks } = condition;
    const what = typeof asks === 'string' ? asks : keyOf(asks.equals);
    this.#items.set(`${keyOf(column)} ${through} ${what}`, condition);
  }
}

function keyOf({ oid, attnum }: ColumnAddress): string {
  return `${oid}.${attnum}`;
}

function compareAddresses(a: ColumnAddress, b: ColumnAddress): number {
  return a.oid - b.oid || a.attnum - b.attnum;
}
