/** Rows of results: they stay in the engine, screens hold a window. */
import * as z from 'zod';
import { resultSchema } from './query.ts';
import { count, key, name, nothing, time, bridgeErrorSchema } from './values.ts';

/** Rows that one answer holds at most. */
export const maxWindowRows = 2_000;

const oneResult = z.strictObject({ result: key });
const columnIndex = z.int().min(0).max(1_663);

/** An order or a choice of loaded rows; null: as they came. */
const view = key.nullable();
const order = z.strictObject({ column: columnIndex, direction: z.enum(['ascending', 'descending']) });
const filter = z.strictObject({
  column: columnIndex,
  operator: z.enum(['contains', 'equals', 'differs', 'less', 'greater', 'null', 'not-null']),
  text: z.string().max(1_000),
});

/** Rows `first` up to `last`, without `last`. */
const rowRange = z.strictObject({ first: count, last: count });

export const copyFormats = ['tsv', 'csv', 'json', 'markdown', 'insert', 'in-list'] as const;
export const exportFormats = ['csv', 'tsv', 'json', 'jsonl', 'insert'] as const;

export const exportSchema = z.strictObject({
  id: key,
  result: key.nullable(),
  /** `result`: rows of a result. `audit`: the audit log of the control plane. */
  kind: z.enum(['result', 'audit']),
  format: z.enum(exportFormats),
  file: z.string().max(1_024),
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  rows: count,
  /** Null while it is not known. */
  totalRows: count.nullable(),
  bytes: count,
  startedAt: time,
  error: bridgeErrorSchema.nullable(),
});

export const resultMethods = {
  describeResult: { params: oneResult, result: resultSchema },
  /** Brings the next page, or all up to the ceiling; answers at once, `resultChanged` tells the rest. */
  loadRows: { params: oneResult.extend({ how: z.enum(['next', 'all']) }), result: resultSchema },
  /** A window of loaded rows, packed as packed-rows.ts says. Fewer than asked when there are fewer. */
  readRows: {
    params: oneResult.extend({ view, first: count, rows: z.int().min(1).max(maxWindowRows) }),
    result: z.strictObject({ first: count, rows: count, packed: z.base64().max(16_000_000) }),
  },
  /** One value whole, from character `from`; `next` where it goes on. */
  readCell: {
    params: oneResult.extend({ view, row: count, column: columnIndex, from: count }),
    result: z.strictObject({
      value: z.string().max(1_000_000).nullable(),
      /** In characters. */
      length: count,
      next: count.nullable(),
    }),
  },
  /** Writes one value whole into the folder for exports: bytes as they are, all else as text. TOO_LARGE above 64 MiB. */
  saveCell: {
    params: oneResult.extend({ view, row: count, column: columnIndex }),
    result: z.strictObject({ file: z.string().max(1_024), bytes: count }),
  },
  /** Cells that hold a text, from a row on, in reading order; `next` is where to go on, null at the end. */
  searchRows: {
    params: oneResult.extend({
      view,
      text: z.string().min(1).max(1_000),
      isCaseSensitive: z.boolean(),
      from: count,
      limit: z.int().min(1).max(1_000),
    }),
    result: z.strictObject({
      matches: z.array(z.strictObject({ row: count, column: columnIndex })).max(1_000),
      next: count.nullable(),
    }),
  },
  /** Orders and filters the loaded rows; windows are then read with the view's id. Masked values count as they show. */
  arrangeRows: {
    params: oneResult.extend({ order: z.array(order).max(8), filters: z.array(filter).max(32) }),
    result: z.strictObject({ view: key, rows: count }),
  },
  /** Cells as text for the clipboard. TOO_LARGE above 8 MB: export them. */
  copyRows: {
    params: oneResult.extend({
      view,
      rows: z.array(rowRange).min(1).max(1_000),
      columns: z.array(columnIndex).min(1).max(1_664),
      format: z.enum(copyFormats),
      hasHeader: z.boolean(),
    }),
    result: z.strictObject({ text: z.string().max(8_000_000), rows: count, maskedColumns: count }),
  },
  /** The plan of a run with mode `plan` or `measure`: PostgreSQL's JSON, and its text. */
  readPlan: {
    params: oneResult,
    result: z.strictObject({ json: z.string().max(8_000_000), text: z.string().max(8_000_000) }),
  },
  /** A pinned result survives the next run. */
  pinResult: { params: oneResult.extend({ isPinned: z.boolean() }), result: resultSchema },
  closeResult: { params: oneResult, result: nothing },

  /** Writes a file into the folder of the settings, never over another one. It goes on without a screen. */
  startExport: {
    params: oneResult.extend({
      view,
      format: z.enum(exportFormats),
      /** Null: all. */
      columns: z.array(columnIndex).min(1).max(1_664).nullable(),
      /** `all` loads the rest first, up to the ceiling. */
      rows: z.enum(['loaded', 'all']),
      hasHeader: z.boolean(),
      delimiter: z.enum([',', ';', '\t', '|']),
      nullText: z.string().max(32),
      hasByteOrderMark: z.boolean(),
      /** CSV and TSV: text that a spreadsheet would take for a formula stays as it is. Else it gets a ' before it. */
      keepsFormulas: z.boolean().optional(),
    }),
    result: exportSchema,
  },
  /** The audit log, for auditors and administrators, to verify elsewhere. `query` as the control plane's route has it. */
  startAuditExport: {
    params: z.strictObject({
      query: z.record(name, z.union([z.string().max(500), z.number(), z.boolean()])),
    }),
    result: exportSchema,
  },
  cancelExport: { params: z.strictObject({ export: key }), result: nothing },
  listExports: { params: nothing, result: z.array(exportSchema).max(100) },
} as const;

export const resultEvents = {
  resultChanged: z.strictObject({ result: resultSchema }),
  resultClosed: oneResult,
  exportChanged: z.strictObject({ export: exportSchema }),
} as const;
