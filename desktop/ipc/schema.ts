/**
 * The bridge between the screens and the engine, in one place: its methods, events, capabilities and error shape.
 * Everything else in this folder is derived from here: the backend's interface, the messages of a transport and
 * the client that the screens call. Whatever crosses the bridge is parsed on both sides.
 */
import { errorCodes, type ErrorCode } from '@daam/shared/errors/codes';
import * as z from 'zod';

/** Changes when a message of the bridge changes in a way that an older page cannot read. */
export const bridgeVersion = 1;

const name = z.string().min(1).max(256);
const time = z.iso.datetime({ offset: true });
const port = z.int().min(1).max(65_535);

/** What this shell can do. Screens ask this, never which shell they run in. */
export const capabilitiesSchema = z.strictObject({
  tunnel: z.boolean(),
  localPort: z.boolean(),
  queryEditor: z.boolean(),
  tray: z.boolean(),
  openInTool: z.boolean(),
});

/** A failure as a screen may show it. An AppError's `detail` and `cause` never get here. */
export const bridgeErrorSchema = z.strictObject({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: z.string().max(2_000),
  hint: z.string().max(2_000).nullable(),
  field: z.string().max(256).nullable(),
});

/** What the person gets on a database. `null` means that it is not known yet, never "none". */
export const accessSchema = z.strictObject({
  policies: z.array(z.strictObject({ name, version: z.int().min(1).nullable() })).max(64),
  operations: z
    .array(z.enum(['select', 'insert', 'update', 'delete']))
    .max(4)
    .nullable(),
  maskedColumns: z.int().min(0).nullable(),
});

/** The local port of a database and what a client writes to use it. There is no password in it. */
export const localAddressSchema = z.strictObject({ host: name, port, user: name, database: name });

/** Where a connection stands. `path` is how the bytes reach the agent. */
export const connectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('disconnected') }),
  z.strictObject({ kind: z.literal('connecting') }),
  z.strictObject({
    kind: z.literal('connected'),
    local: localAddressSchema,
    path: z.enum(['loopback', 'direct', 'relay']).nullable(),
    since: time,
  }),
  z.strictObject({ kind: z.literal('failed'), error: bridgeErrorSchema }),
]);

/** A row of the Databases screen. */
export const databaseSchema = z.strictObject({
  id: name,
  name,
  environment: z.enum(['production', 'staging', 'development']).nullable(),
  postgresVersion: z.string().max(64).nullable(),
  access: accessSchema,
  /** The port that this database keeps on this device, once it has one. */
  port: port.nullable(),
  /** Why Connect cannot work now, in words; null when it can be tried. */
  blocked: bridgeErrorSchema.nullable(),
  connection: connectionSchema,
});

const databases = z.array(databaseSchema).max(5_000);

/** Who is signed in, and whether what is shown is live. */
export const statusSchema = z.strictObject({
  version: z.string().max(64),
  account: z.strictObject({ email: name, organization: name.nullable() }).nullable(),
  controlPlane: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('online') }),
    z.strictObject({ kind: z.literal('offline'), since: time.nullable() }),
  ]),
  /** When the list of databases was last read from the control plane. */
  databasesAsOf: time.nullable(),
});

const nothing = z.strictObject({});
const oneDatabase = z.strictObject({ database: name });

/** What a screen may ask for. A method that is not here does not exist. */
export const methods = {
  status: { params: nothing, result: statusSchema },
  listDatabases: { params: nothing, result: databases },
  connect: { params: oneDatabase.extend({ port: port.optional() }), result: databaseSchema },
  disconnect: { params: oneDatabase, result: databaseSchema },
} as const;

/** What the engine tells unasked. Each carries the whole new value, so that a missed one does no harm. */
export const events = {
  statusChanged: z.strictObject({ status: statusSchema }),
  databasesChanged: z.strictObject({ databases }),
} as const;

export type Capabilities = z.infer<typeof capabilitiesSchema>;
export type BridgeError = z.infer<typeof bridgeErrorSchema>;
export type DatabaseAccess = z.infer<typeof accessSchema>;
export type LocalAddress = z.infer<typeof localAddressSchema>;
export type Connection = z.infer<typeof connectionSchema>;
export type Database = z.infer<typeof databaseSchema>;
export type Status = z.infer<typeof statusSchema>;

export type Method = keyof typeof methods;
export type Params<M extends Method> = z.infer<(typeof methods)[M]['params']>;
export type Result<M extends Method> = z.infer<(typeof methods)[M]['result']>;

export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = z.infer<(typeof events)[E]>;
/** An event with its payload, for every event. */
export type BridgeEvent = {
  [E in EventName]: { readonly event: E; readonly payload: EventPayload<E> };
}[EventName];
