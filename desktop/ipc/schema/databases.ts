/** Databases, their local ports and what is known of a connection. */
import * as z from 'zod';
import { bridgeErrorSchema, count, key, name, nothing, oneDatabase, port, time } from './values.ts';

const operation = z.enum(['select', 'insert', 'update', 'delete']);

/** What the person gets on a database. `null` means that it is not known yet, never "none". */
export const accessSchema = z.strictObject({
  policies: z.array(z.strictObject({ name, version: z.int().min(1).nullable() })).max(64),
  operations: z.array(operation).max(4).nullable(),
  maskedColumns: z.int().min(0).nullable(),
});

/** The local port of a database and what a client writes to use it. There is no password in it. */
export const localAddressSchema = z.strictObject({ host: name, port, user: name, database: name });

const pathKind = z.enum(['loopback', 'direct', 'relay']);

/** Where a connection stands. `path` is how the bytes reach the agent. */
export const connectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('disconnected') }),
  z.strictObject({ kind: z.literal('connecting') }),
  z.strictObject({
    kind: z.literal('connected'),
    local: localAddressSchema,
    path: pathKind.nullable(),
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
export const databases = z.array(databaseSchema).max(5_000);

/** What the panel of a connection shows beyond its row. */
export const connectionDetailsSchema = z.strictObject({
  database: name,
  local: localAddressSchema.nullable(),
  /** Where it listens, or will. */
  place: z.enum(['tcp', 'socket']),
  /** A Unix socket in a folder of the person alone; null where there is none. */
  socket: z.string().max(1_024).nullable(),
  tls: z.strictObject({ isOn: z.boolean(), caFile: z.string().max(1_024).nullable() }),
  hasLocalPassword: z.boolean(),
  /** Round trip in milliseconds. */
  roundTripMs: z.number().min(0).nullable(),
  /** How the bytes went, newest first. */
  paths: z
    .array(z.strictObject({ at: time, path: pathKind.nullable(), roundTripMs: z.number().min(0).nullable() }))
    .max(100),
  /** Programs that are connected through the port now, the oldest first. */
  sessions: z
    .array(
      z.strictObject({
        id: key,
        /** What it calls itself; null: it does not say, or its start is encrypted as far as the agent. */
        program: z.string().max(63).nullable(),
        since: time,
        /** Bytes that it said, and was told. */
        sent: count,
        received: count,
      }),
    )
    .max(200),
  /** Clients of the port now. */
  clients: count,
  lastError: z.strictObject({ at: time, error: bridgeErrorSchema }).nullable(),
});

/** One check of the doctor, or of the first start. */
export const checkSchema = z.strictObject({
  id: z.enum(['control-plane', 'clock', 'udp', 'relay', 'ports', 'sign-in', 'agent', 'database']),
  label: z.string().max(200),
  state: z.enum(['ok', 'warning', 'failed', 'skipped']),
  /** What was found, and what to do about it. No secret, no value. */
  message: z.string().max(1_000),
});

/** The files of libpq in which a database may have a block of its own: services and passwords. */
const clientFile = z.enum(['service', 'password']);
const oneClientFile = oneDatabase.extend({ file: clientFile, want: z.enum(['present', 'absent']) });

/** What would change in such a file. Lines of others are not told: they may hold passwords. */
export const clientFileChangeSchema = z.strictObject({
  path: z.string().max(1_024),
  /** What is there now and goes, what comes; the password of local ports is shown as stars. */
  removed: z.array(z.string().max(2_000)).max(50),
  added: z.array(z.string().max(2_000)).max(50),
  /** Lines that stay as they are, to the byte. */
  otherLines: count,
  /** Of the file as it was looked at: a change of it in between is refused. */
  basis: z.string().regex(/^[0-9a-f]{64}$/),
});

const toolIds = z.enum(['dbeaver', 'datagrip', 'tableplus', 'psql']);

export const databaseMethods = {
  listDatabases: { params: nothing, result: databases },
  /** Opens the local port, the sticky one unless `port` asks for another; connecting twice is not an error. */
  connect: {
    params: oneDatabase.extend({ port: port.optional(), place: z.enum(['tcp', 'socket']).optional() }),
    result: databaseSchema,
  },
  /** Closes the local port and its sessions; disconnecting twice is not an error. */
  disconnect: { params: oneDatabase, result: databaseSchema },
  connectionDetails: { params: oneDatabase, result: connectionDetailsSchema },
  /** Closes one of the connections through the port; what it was doing is rolled back. False: it was gone already. */
  endPortSession: {
    params: oneDatabase.extend({ session: z.string().regex(/^[0-9]{1,20}$/) }),
    result: z.strictObject({ ended: z.boolean() }),
  },
  /** Whether a port can be taken, and if not what to take in its place. */
  checkPort: {
    params: z.strictObject({ port }),
    result: z.strictObject({
      isFree: z.boolean(),
      nextFree: port.nullable(),
      /** The program that has it, as far as the system tells. */
      holder: z.strictObject({ program: z.string().max(64), pid: z.int().min(1) }).nullable(),
    }),
  },
  /** Gives a database another port for ever. One that is connected moves at once: its sessions end. */
  setPort: { params: oneDatabase.extend({ port }), result: databaseSchema },
  /** Where a database listens on this device from now on. One that is connected moves at once: its sessions end. */
  setPlace: { params: oneDatabase.extend({ place: z.enum(['tcp', 'socket']) }), result: databaseSchema },
  /** What a block for this database in a file of libpq would change. Nothing is written. */
  previewClientFile: { params: oneClientFile, result: clientFileChangeSchema },
  /** Writes what was shown. CONFLICT when the file is another one by now. */
  writeClientFile: {
    params: oneClientFile.extend({ basis: clientFileChangeSchema.shape.basis }),
    result: clientFileChangeSchema,
  },
  /** Programs on this machine that a connected database can be opened in. */
  listTools: {
    params: nothing,
    result: z
      .array(
        z.strictObject({
          id: toolIds,
          label: z.string().max(64),
          /** It takes no connection when it is started: this format is pasted into it. */
          pastes: z.string().max(64).nullable(),
        }),
      )
      .max(8),
  },
  /** Starts one of them on the local port. It is given no password. */
  openInTool: { params: oneDatabase.extend({ tool: toolIds }), result: nothing },
  /** Runs the checks, of one database or (null) of this machine, or one of them alone. Takes up to ten seconds. */
  runChecks: {
    params: z.strictObject({ database: name.nullable(), only: checkSchema.shape.id.optional() }),
    result: z.strictObject({
      at: time,
      checks: z.array(checkSchema).max(32),
      /** To be copied to somebody who helps: no secrets, no addresses of people. */
      report: z.string().max(20_000),
    }),
  },
  /** A password for local ports, for machines that others share: a new one each time it is switched on. */
  switchLocalPassword: { params: z.strictObject({ to: z.enum(['on', 'off']) }), result: nothing },
  /** What clients of every local port of this device are asked for. */
  readLocalTerms: {
    params: nothing,
    result: connectionDetailsSchema.pick({ hasLocalPassword: true, tls: true }),
  },
  /** To be copied into a client's settings; null: there is none. Screens keep it nowhere. */
  readLocalPassword: {
    params: nothing,
    result: z.strictObject({ password: z.string().max(200).nullable() }),
  },
  /**
   * Empties the clipboard if it holds this, now or (`afterMs`) then, also when the page is gone by then. False: it was not
   * emptied now, or this shell may not read it.
   */
  clearClipboard: {
    params: z.strictObject({
      text: z.string().min(1).max(8_000),
      afterMs: z.int().min(0).max(300_000),
    }),
    result: z.strictObject({ cleared: z.boolean() }),
  },
  /** TLS on local ports, for clients that insist on it. */
  switchLocalTls: { params: z.strictObject({ to: z.enum(['on', 'off']) }), result: nothing },
} as const;

export const databaseEvents = { databasesChanged: z.strictObject({ databases }) } as const;
