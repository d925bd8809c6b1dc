import { z } from 'zod';
import { maskPresets, tableOperations } from '../policy/effective-policy.ts';
import { tableKind } from '../sql/database-schema.ts';
import { id, timestamp } from './schemas.ts';

/**
 * What the API tells of a database's schema, its drift against the policies, and what might be masked. The agent's own
 * report is shared/sql/database-schema.ts.
 */

/** SHA-256 of a report in canonical JSON, lower-case hex. */
export const schemaHash = z.string().regex(/^[0-9a-f]{64}$/);

const tableRef = z.object({ schema: z.string(), name: z.string() });

const foreignKey = z.object({
  columns: z.array(z.string()),
  references: tableRef.extend({ columns: z.array(z.string()) }),
});

export const schemaTable = z.object({
  schema: z.string(),
  name: z.string(),
  kind: tableKind,
  comment: z.string().nullable(),
  columns: z.array(
    z.object({
      name: z.string(),
      /** As PostgreSQL writes it, `pg_catalog` left out. */
      type: z.string(),
      notNull: z.boolean(),
      generated: z.boolean(),
      comment: z.string().nullable(),
    }),
  ),
  primaryKey: z.array(z.string()),
  foreignKeys: z.array(foreignKey),
  /** The table that it is a partition or a child of. */
  parents: z.array(tableRef),
});
export type SchemaTable = z.output<typeof schemaTable>;

/** One version of a database's schema. A new one is made when a report differs from the one before. */
export const schemaVersion = z.object({
  version: z.number().int(),
  /** When it came first, and when an agent said last that it is still so. */
  at: timestamp,
  confirmedAt: timestamp,
  agent: id,
  hash: schemaHash,
  tables: z.number().int(),
  /** Tables that did not fit into the report. */
  omitted: z.number().int(),
});
export type SchemaVersion = z.output<typeof schemaVersion>;

/** A column as the caller of `my-schema` may use it. */
export const myColumn = z.object({
  name: z.string(),
  type: z.string(),
  notNull: z.boolean(),
  comment: z.string().nullable(),
  /** Null: it is shown as it is. `match`: whether `=`, IN and joins see the real value. */
  mask: z
    .object({
      preset: z.enum(maskPresets),
      match: z.enum(['none', 'equality']),
      policy: z.string(),
    })
    .nullable(),
});

export const myTable = z.object({
  schema: z.string(),
  name: z.string(),
  kind: tableKind,
  comment: z.string().nullable(),
  operations: z.array(z.enum(tableOperations)),
  /** Whether only some rows exist for the caller. */
  isFiltered: z.boolean(),
  columns: z.array(myColumn),
  primaryKey: z.array(z.string()),
  /** To tables that the caller may use too. */
  foreignKeys: z.array(foreignKey),
});
export type MyTable = z.output<typeof myTable>;

/** Where a rule stands in the policy document: `masks[2]` of policy `analyst`. */
const ruleRef = z.object({ policy: z.string(), path: z.string(), pattern: z.string() });

/**
 * A place where policies and database do not fit (any more).
 * - `matches-nothing`: a rule names nothing that is there, and nothing of the versions that are kept.
 * - `gone`: what the rule named was there in an older version.
 * - `filter-column-missing`: a row filter's column is not in a table that it is for: the table is refused.
 * - `newly-granted`: a table that appeared after the policy was written is granted by its pattern.
 * - `newly-exposed`: a column that appeared after the policy was written is shown unmasked, and looks as if it should not be.
 * - `out-of-scope`: a granted table is outside of what the agent's operator allows.
 */
export const driftKinds = [
  'gone',
  'filter-column-missing',
  'newly-exposed',
  'newly-granted',
  'matches-nothing',
  'out-of-scope',
] as const;

export const driftFinding = z.object({
  kind: z.enum(driftKinds),
  severity: z.enum(['critical', 'warning', 'info']),
  rule: ruleRef,
  /** `schema.table` or `schema.table.column`; null: there is none. */
  object: z.string().nullable(),
  message: z.string(),
  /** When the version came that made it so; null: always, as far as is known. */
  since: timestamp.nullable(),
});
export type DriftFinding = z.output<typeof driftFinding>;

/** What one version of the schema changed against the one before. */
export const schemaChange = z.object({
  kind: z.enum(['table-added', 'table-removed', 'column-added', 'column-removed', 'type-changed']),
  object: z.string(),
  /** Of `type-changed`. */
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type SchemaChange = z.output<typeof schemaChange>;

/** A column that might be masked, and why. Never applied by itself. */
export const maskSuggestion = z.object({
  schema: z.string(),
  table: z.string(),
  column: z.string(),
  type: z.string(),
  preset: z.enum(maskPresets),
  prefix: z.number().int().optional(),
  suffix: z.number().int().optional(),
  match: z.enum(['none', 'equality']),
  confidence: z.enum(['high', 'medium', 'low']),
  /** For people: what in name, type or comment says so. */
  reason: z.string(),
});

export const placedSuggestion = maskSuggestion.extend({
  /** Policies that let people read the column without a mask. Empty: nobody sees it, or everybody sees it masked. */
  exposedBy: z.array(z.string()),
  /** Whether every policy that lets people read it masks it already. */
  isCovered: z.boolean(),
});
export type PlacedSuggestion = z.output<typeof placedSuggestion>;
