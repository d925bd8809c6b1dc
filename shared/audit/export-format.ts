import { z } from 'zod';
import { auditRecordSchema } from './chain.ts';
import { signedSchema } from './signature.ts';

/**
 * The lines of an export (docs/audit.md). JSON, one object a line, each with its own number, so that a line
 * that is missing, moved or added is noticed at its place:
 *
 *   header · for each chain: stream, purges, records and purged ranges in order, checkpoint · seals between,
 *   the last of them at the end
 */
export const exportFormat = 'daam-audit-export';
export const exportVersion = 1;
export const exportMediaType = 'application/x-ndjson';

/** Lines from one seal to the next, at most. */
export const sealEvery = 1_000;

/** Ceiling of a line, in bytes: an agent's batch cannot be larger, and so no record of it. */
export const maxExportLineBytes = 16 * 1024 * 1024;

const line = z.int().min(1);
const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const seq = z.int().min(0);
const stream = z.string().min(1).max(100);
const key = z.strictObject({ kid: z.string().min(1).max(100), x: z.string().length(43) });

const header = z.strictObject({
  line,
  type: z.literal('header'),
  /** Milliseconds since the Unix epoch. */
  at: seq,
  export: z.uuid(),
  /** What was asked for; empty for everything. */
  filter: z.record(z.string(), z.string()),
  format: z.literal(exportFormat),
  keys: z.array(key).max(100),
  org: z.uuid(),
  organization: z.string(),
  version: z.literal(exportVersion),
});

/** A chain begins. A complete one has every record from the first; of another only what the filter lets through. */
const streamLine = z.strictObject({
  line,
  type: z.literal('stream'),
  complete: z.boolean(),
  /** The database of an agent; the organization's name for its activity. */
  label: z.string(),
  stream,
  until: z.strictObject({ hash: hex64, seq }),
});

const record = z.strictObject({ line, type: z.literal('record'), record: auditRecordSchema });

/** Records that retention removed, and the purge that did. */
const purged = z.strictObject({
  line,
  type: z.literal('purged'),
  first: seq,
  hash: hex64,
  last: seq,
  prev: hex64,
  purge: z.uuid(),
});
const purge = signedSchema('purge').extend({ line, type: z.literal('purge') });
const checkpoint = signedSchema('checkpoint').extend({ line, type: z.literal('checkpoint') });
const seal = signedSchema('seal').extend({ line, type: z.literal('seal') });

export const exportLineSchema = z.discriminatedUnion('type', [
  header,
  streamLine,
  record,
  purged,
  purge,
  checkpoint,
  seal,
]);
export type ExportLine = z.infer<typeof exportLineSchema>;
export type ExportHeader = z.infer<typeof header>;

type Without<Line> = Line extends unknown ? Omit<Line, 'line'> : never;
/** A line before it has its number. */
export type ExportItem = Without<ExportLine>;
