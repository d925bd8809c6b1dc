/**
 * What each database has for this person: read from the control plane, kept for a while, and counted for the row of
 * the list. Tables that they may not use are never in it.
 */
import type { ApiClient } from '@daam/shared/api/client';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { BridgeEvent, Database, DatabaseObjects, Params } from '../../ipc/schema.ts';

/** Read again after so long, in milliseconds. */
const freshMs = 60_000;
const maxTables = 10_000;
const maxColumns = 1_664;
const maxKept = 50;

type MySchema = Awaited<ReturnType<ApiClient['getMySchema']>>;

export interface ObjectsServiceOptions {
  readonly api: () => Promise<ApiClient>;
  readonly emit: (event: BridgeEvent) => void;
  readonly now: () => number;
}

interface Known {
  readonly kept: Map<string, { readonly at: number; readonly objects: DatabaseObjects }>;
  /** Stays until something newer is known. */
  readonly access: Map<string, Access>;
  readonly reading: Map<string, Promise<DatabaseObjects>>;
}

function nothingKnown(): Known {
  return { kept: new Map(), access: new Map(), reading: new Map() };
}

export class ObjectsService {
  readonly #options: ObjectsServiceOptions;
  /** Of one person. What is still being read for them afterwards goes nowhere. */
  #known = nothingKnown();

  constructor(options: ObjectsServiceOptions) {
    this.#options = options;
  }

  async read({ database, refresh }: Params<'readObjects'>): Promise<DatabaseObjects> {
    const known = this.#known;
    const kept = known.kept.get(database);
    const isFresh = kept !== undefined && this.#options.now() - kept.at < freshMs;
    if (isFresh && !refresh) return kept.objects;
    try {
      return await this.#readOnce(database);
    } catch (thrown) {
      const { code } = toAppError(thrown);
      // What was known stays of use while nobody answers; a refusal does not.
      if (kept !== undefined && (code === 'CONTROL_PLANE_UNAVAILABLE' || code === 'TIMEOUT'))
        return kept.objects;
      known.kept.delete(database);
      known.access.delete(database);
      throw thrown;
    }
  }

  /** For the list: what the person may do there, as far as it was read. */
  access(database: string): Access {
    return this.#known.access.get(database) ?? unknownAccess;
  }

  /** Whether what is known is of now; else it is to be read again. */
  isKnown(database: string): boolean {
    return this.#known.kept.has(database);
  }

  /** The policy or the schema changed: what is known is read again when somebody looks. */
  forget(database: string): void {
    if (!this.#known.kept.delete(database)) return;
    this.#options.emit({ event: 'objectsChanged', payload: { database } });
  }

  /** Somebody else is signed in, or nobody: what the one before may do is not told either. */
  forgetAll(): void {
    const { kept } = this.#known;
    this.#known = nothingKnown();
    for (const database of kept.keys())
      this.#options.emit({ event: 'objectsChanged', payload: { database } });
  }

  #readOnce(database: string): Promise<DatabaseObjects> {
    const known = this.#known;
    const reading =
      known.reading.get(database) ??
      this.#fetch(known, database).finally(() => known.reading.delete(database));
    known.reading.set(database, reading);
    return reading;
  }

  async #fetch(known: Known, database: string): Promise<DatabaseObjects> {
    const api = await this.#options.api();
    const schema = await api.getMySchema({ params: { database } });
    const now = this.#options.now();
    const objects = toObjects(database, schema, new Date(now).toISOString());
    const { kept, access } = known;
    const before = kept.get(database)?.objects ?? null;
    kept.delete(database);
    kept.set(database, { at: now, objects });
    access.set(database, accessOf(objects));
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
    if (known !== this.#known) throw new AppError('CANCELLED');
    if (before !== null && JSON.stringify(before.tables) !== JSON.stringify(objects.tables))
      this.#options.emit({ event: 'objectsChanged', payload: { database } });
    return objects;
  }
}

type Access = Pick<Database['access'], 'operations' | 'maskedColumns'>;

const unknownAccess: Access = { operations: null, maskedColumns: null };

function accessOf({ asOf, tables }: DatabaseObjects): Access {
  if (asOf === null) return unknownAccess;
  const all = new Set(tables.flatMap(({ operations }) => operations));
  const order = ['select', 'insert', 'update', 'delete'] as const;
  return {
    operations: order.filter((operation) => all.has(operation)),
    maskedColumns: tables.reduce(
      (sum, { columns }) => sum + columns.filter(({ preset }) => preset !== null).length,
      0,
    ),
  };
}

const kinds = {
  table: 'table',
  'partitioned table': 'partitioned-table',
  view: 'view',
  'materialized view': 'materialized-view',
  'foreign table': 'foreign-table',
} as const;

function toObjects(database: string, schema: MySchema, now: string): DatabaseObjects {
  const tables = schema.tables.slice(0, maxTables);
  const isCut =
    tables.length < schema.tables.length || tables.some(({ columns }) => columns.length > maxColumns);
  return {
    database,
    asOf: schema.isKnown ? now : null,
    epoch: schema.epoch,
    searchPath: schema.searchPath.slice(0, 100),
    tables: tables.map((table) => ({
      schema: table.schema,
      name: table.name,
      kind: kinds[table.kind],
      operations: operationsOf(table.operations),
      comment: table.comment?.slice(0, 1_000) ?? null,
      columns: table.columns.slice(0, maxColumns).map(({ name, type, notNull, mask }) => ({
        name,
        type: type.slice(0, 256),
        isNullable: !notNull,
        isKey: table.primaryKey.includes(name),
        preset: mask?.preset ?? null,
        match: mask?.match ?? 'none',
      })),
      foreignKeys: table.foreignKeys.slice(0, 200).map(({ columns, references }) => ({
        columns: columns.slice(0, 64),
        schema: references.schema,
        table: references.name,
        referencedColumns: references.columns.slice(0, 64),
      })),
    })),
    isTruncated: isCut,
  };
}

function operationsOf(operations: readonly string[]): DatabaseObjects['tables'][number]['operations'] {
  return (['select', 'insert', 'update', 'delete'] as const).filter((operation) =>
    operations.includes(operation),
  );
}
