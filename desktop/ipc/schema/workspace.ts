/** What a person keeps on this device: history, saved queries, tabs, settings. */
import * as z from 'zod';
import { count, key, name, nothing, place, sqlText, time } from './values.ts';

export const historyEntrySchema = z.strictObject({
  id: key,
  at: time,
  database: z.strictObject({ id: name, name }),
  sql: sqlText,
  outcome: z.enum(['done', 'failed', 'refused', 'cancelled', 'unknown']),
  /** SQLSTATE of a failure. */
  sqlstate: z.string().max(5).nullable(),
  rows: count,
  tookMs: z.number().min(0).nullable(),
  maskedColumns: count,
});

export const savedQuerySchema = z.strictObject({
  id: key,
  name: z.string().min(1).max(120),
  folder: z.string().max(120),
  description: z.string().max(2_000),
  /** Id of a database; null: any. */
  database: name.nullable(),
  sql: sqlText,
  changedAt: time,
});

/** A tab of the editor, as it is restored. */
export const tabSchema = z.strictObject({
  id: key,
  title: z.string().max(120),
  database: name.nullable(),
  sql: sqlText,
  cursor: place,
  scroll: z.number().min(0),
  transaction: z.enum(['auto', 'manual']),
  savedQuery: key.nullable(),
});
export const workspaceSchema = z.strictObject({
  tabs: z.array(tabSchema).max(100),
  active: key.nullable(),
});

const flag = z.boolean();
export const settingsSchema = z.strictObject({
  appearance: z.strictObject({
    theme: z.enum(['system', 'light', 'dark']),
    density: z.enum(['compact', 'comfortable']),
    fontSize: z.int().min(12).max(16),
    reduceMotion: flag,
    highContrast: flag,
  }),
  editor: z.strictObject({
    tabSize: z.int().min(1).max(8),
    keywordCase: z.enum(['as-typed', 'upper', 'lower']),
    wrapLines: flag,
    confirmRisky: flag,
    stopOnError: flag,
    /** Days; 0 keeps no history. */
    historyDays: z.int().min(0).max(3_650),
  }),
  keyboard: z.strictObject({
    singleKeys: flag,
    /** Action → keys, where they differ from the usual ones. */
    shortcuts: z.record(key, z.string().max(64)),
  }),
  connections: z.strictObject({
    /** Closes local ports that no client used for so long; 0 never. */
    idleMinutes: z.int().min(0).max(1_440),
    copyFormat: z.string().max(64),
    copyComment: flag,
  }),
  notifications: z.strictObject({
    requests: flag,
    approvals: flag,
    accessEnds: flag,
    accessRemoved: flag,
    tunnelLost: flag,
  }),
  /** Where exports go, as an absolute path; null: the person's downloads. */
  exportFolder: z.string().max(1_024).nullable(),
  /** Ids of databases that are shown first. */
  pinnedDatabases: z.array(name).max(500),
});

export const workspaceMethods = {
  /** Newest first. */
  listHistory: {
    params: z.strictObject({
      database: name.nullable(),
      text: z.string().max(500).nullable(),
      outcome: historyEntrySchema.shape.outcome.nullable(),
      /** `next` of the page before. */
      after: key.nullable(),
      limit: z.int().min(1).max(200),
    }),
    result: z.strictObject({ items: z.array(historyEntrySchema).max(200), next: key.nullable() }),
  },
  /** One entry, or (null) all. */
  removeHistory: { params: z.strictObject({ id: key.nullable() }), result: nothing },
  listSavedQueries: { params: nothing, result: z.array(savedQuerySchema).max(2_000) },
  /** A new one without an id. */
  saveQuery: {
    params: savedQuerySchema.omit({ id: true, changedAt: true }).extend({ id: key.nullable() }),
    result: savedQuerySchema,
  },
  removeSavedQuery: { params: z.strictObject({ id: key }), result: nothing },
  readWorkspace: { params: nothing, result: workspaceSchema },
  writeWorkspace: { params: workspaceSchema, result: nothing },
  readSettings: { params: nothing, result: settingsSchema },
  /** The groups that are given replace the old ones whole. */
  changeSettings: { params: settingsSchema.partial(), result: settingsSchema },
} as const;

export const workspaceEvents = {
  historyChanged: nothing,
  savedQueriesChanged: nothing,
  settingsChanged: z.strictObject({ settings: settingsSchema }),
} as const;
