/** What a database has for this person: the schema tree and autocomplete. */
import { maskPresets } from '@daam/shared/policy/effective-policy';
import * as z from 'zod';
import { count, name, time } from './values.ts';

const identifier = z.string().min(1).max(256);
const operation = z.enum(['select', 'insert', 'update', 'delete']);

/** Only columns that the person may read or write. `preset` null: they see it as it is. */
export const objectColumnSchema = z.strictObject({
  name: identifier,
  type: z.string().max(256),
  isNullable: z.boolean(),
  isKey: z.boolean(),
  preset: z.enum(maskPresets).nullable(),
  match: z.enum(['none', 'equality']),
});

export const tableSchema = z.strictObject({
  schema: identifier,
  name: identifier,
  kind: z.enum(['table', 'partitioned-table', 'view', 'materialized-view', 'foreign-table']),
  operations: z.array(operation).max(4),
  comment: z.string().max(1_000).nullable(),
  columns: z.array(objectColumnSchema).max(1_664),
  foreignKeys: z
    .array(
      z.strictObject({
        columns: z.array(identifier).max(64),
        schema: identifier,
        table: identifier,
        referencedColumns: z.array(identifier).max(64),
      }),
    )
    .max(200),
});

export const databaseObjectsSchema = z.strictObject({
  database: name,
  /** When it was read from the server; null: never. */
  asOf: time.nullable(),
  /** Null where it is not known. */
  epoch: count.nullable(),
  /** Schemas in which names without a schema are looked up. */
  searchPath: z.array(identifier).max(100),
  tables: z.array(tableSchema).max(10_000),
  /** There were more than fit. */
  isTruncated: z.boolean(),
});

export const objectMethods = {
  /** From the cache when it is fresh enough, unless `refresh`. Tables that the person may not use are not in it. */
  readObjects: {
    params: z.strictObject({ database: name, refresh: z.boolean() }),
    result: databaseObjectsSchema,
  },
} as const;

export const objectEvents = {
  /** Read them again: the policy or the schema changed. */
  objectsChanged: z.strictObject({ database: name }),
} as const;
