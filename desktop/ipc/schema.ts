/**
 * The bridge between the screens and the engine, in one place: its methods, events, capabilities and error shape.
 * Everything else in this folder is derived from here: the backend's interface, the messages of a transport and
 * the client that the screens call. Whatever crosses the bridge is parsed on both sides. The parts are in schema/.
 */
import * as z from 'zod';
import { accountEvents, accountMethods } from './schema/account.ts';
import type {
  notificationSchema,
  reachSchema,
  signInSchema,
  statusSchema,
  targetSchema,
} from './schema/account.ts';
import { apiMethods } from './schema/api-pass.ts';
import { databaseEvents, databaseMethods } from './schema/databases.ts';
import type {
  accessSchema,
  checkSchema,
  clientFileChangeSchema,
  connectionDetailsSchema,
  connectionSchema,
  databaseSchema,
  localAddressSchema,
} from './schema/databases.ts';
import { objectEvents, objectMethods } from './schema/objects.ts';
import type { databaseObjectsSchema, objectColumnSchema, tableSchema } from './schema/objects.ts';
import { queryEvents, queryMethods } from './schema/query.ts';
import type {
  cautionSchema,
  columnSchema,
  diagnosticSchema,
  maskSchema,
  querySchema,
  resultSchema,
  runSchema,
  sessionSchema,
  statementStateSchema,
} from './schema/query.ts';
import { resultEvents, resultMethods } from './schema/results.ts';
import type { copyFormats, exportFormats, exportSchema } from './schema/results.ts';
import { bridgeErrorSchema } from './schema/values.ts';
import { workspaceEvents, workspaceMethods } from './schema/workspace.ts';
import type {
  historyEntrySchema,
  savedQuerySchema,
  settingsSchema,
  tabSchema,
  workspaceSchema,
} from './schema/workspace.ts';

export { bridgeErrorSchema };

/** Changes when a message of the bridge changes in a way that an older page cannot read. */
export const bridgeVersion = 2;

/** What this shell can do. Screens ask this, never which shell they run in. */
export const capabilitiesSchema = z.strictObject({
  tunnel: z.boolean(),
  localPort: z.boolean(),
  queryEditor: z.boolean(),
  tray: z.boolean(),
  openInTool: z.boolean(),
});

/** What a screen may ask for. A method that is not here does not exist. */
export const methods = {
  ...accountMethods,
  ...databaseMethods,
  ...objectMethods,
  ...queryMethods,
  ...resultMethods,
  ...workspaceMethods,
  ...apiMethods,
} as const;

/** What the engine tells unasked. Each carries the whole new value, or says what to read again. */
export const events = {
  ...accountEvents,
  ...databaseEvents,
  ...objectEvents,
  ...queryEvents,
  ...resultEvents,
  ...workspaceEvents,
} as const;

export type Capabilities = z.infer<typeof capabilitiesSchema>;
export type BridgeError = z.infer<typeof bridgeErrorSchema>;
export type Status = z.infer<typeof statusSchema>;
export type SignIn = z.infer<typeof signInSchema>;
export type Reach = z.infer<typeof reachSchema>;
export type Notification = z.infer<typeof notificationSchema>;
export type Target = z.infer<typeof targetSchema>;

export type DatabaseAccess = z.infer<typeof accessSchema>;
export type LocalAddress = z.infer<typeof localAddressSchema>;
export type Connection = z.infer<typeof connectionSchema>;
export type ConnectionDetails = z.infer<typeof connectionDetailsSchema>;
export type Database = z.infer<typeof databaseSchema>;
export type Check = z.infer<typeof checkSchema>;
export type ClientFileChange = z.infer<typeof clientFileChangeSchema>;

export type DatabaseObjects = z.infer<typeof databaseObjectsSchema>;
export type DatabaseTable = z.infer<typeof tableSchema>;
export type DatabaseColumn = z.infer<typeof objectColumnSchema>;

export type Query = z.infer<typeof querySchema>;
export type QuerySession = z.infer<typeof sessionSchema>;
export type Run = z.infer<typeof runSchema>;
export type StatementState = z.infer<typeof statementStateSchema>;
export type Diagnostic = z.infer<typeof diagnosticSchema>;
export type Caution = z.infer<typeof cautionSchema>;
export type QueryResult = z.infer<typeof resultSchema>;
export type ResultColumn = z.infer<typeof columnSchema>;
export type Mask = z.infer<typeof maskSchema>;
export type CopyFormat = (typeof copyFormats)[number];
export type ExportFormat = (typeof exportFormats)[number];
export type Export = z.infer<typeof exportSchema>;

export type HistoryEntry = z.infer<typeof historyEntrySchema>;
export type SavedQuery = z.infer<typeof savedQuerySchema>;
export type EditorTab = z.infer<typeof tabSchema>;
export type Workspace = z.infer<typeof workspaceSchema>;
export type Settings = z.infer<typeof settingsSchema>;

export type Method = keyof typeof methods;
export type Params<M extends Method> = z.infer<(typeof methods)[M]['params']>;
export type Result<M extends Method> = z.infer<(typeof methods)[M]['result']>;
export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = z.infer<(typeof events)[E]>;
/** An event with its payload, for every event. */
export type BridgeEvent = {
  [E in EventName]: { readonly event: E; readonly payload: EventPayload<E> };
}[EventName];
