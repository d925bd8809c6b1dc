import { z } from 'zod';
import { maskPresets } from '../policy/effective-policy.ts';

/**
 * What an agent tells a client that starts its session with `options=-c daam.metadata=on`: NoticeResponses whose Detail
 * is JSON. Rewritten columns have no table in RowDescription, so a screen cannot know by itself what it shows. Nothing
 * is decided by it.
 */

/** SQLSTATE-like code of the notice that goes before a result: `resultMetadata`. */
export const resultMetadataCode = 'DM001';
/** Of the notice that another policy is in force in the session from now on: `policyChange`. */
export const policyChangeCode = 'DM002';

/** Ceilings: an agent never sends more. Characters of a Detail. */
export const maxMetadataLength = 256 * 1024;

const shortText = z.string().max(500);

const mask = z.object({
  /** `schema.table`, each as it is, without quotes. */
  schema: shortText,
  table: shortText,
  column: shortText,
  preset: z.enum(maskPresets),
  match: z.enum(['none', 'equality']),
  policy: shortText,
  version: z.number().int(),
});

/** One result. `columns` null: they are more than fit, or could not be traced. */
export const resultMetadata = z.object({
  /** Index of the statement in the text. */
  index: z.number().int().min(0),
  /** Value masks show as `***`, because real values could not be read. */
  degraded: z.boolean(),
  /** `null`: shown as it is. `derived`: computed from masked columns. `unknown`: not traced. */
  columns: z
    .array(
      z.object({ kind: z.enum(['masked', 'derived', 'unknown']), masks: z.array(mask).max(20) }).nullable(),
    )
    .max(1_664)
    .nullable(),
});
export type ResultMetadata = z.infer<typeof resultMetadata>;

const origin = z.object({ policy: shortText, version: z.number().int() });
const columnName = z.object({ schema: shortText, table: shortText, column: shortText });
const tableName = z.object({ schema: shortText, table: shortText });
const most = 50;

/** What differs; lists are cut at 50, and `isCut` says so. */
export const policyChange = z.object({
  before: z.array(origin).max(most),
  after: z.array(origin).max(most),
  /** Columns that are masked now and were not, or are masked otherwise. */
  masked: z.array(columnName).max(most),
  unmasked: z.array(columnName).max(most),
  /** Tables that may be read no longer, or newly. */
  lost: z.array(tableName).max(most),
  gained: z.array(tableName).max(most),
  isCut: z.boolean(),
});
export type PolicyChangeNotice = z.infer<typeof policyChange>;

/** How long the lists of a policy change are at most. */
export const maxPolicyChangeItems = most;
