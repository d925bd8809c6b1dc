/** Who is signed in, signing in, and what the engine has to tell. */
import * as z from 'zod';
import { bridgeErrorSchema, count, key, name, nothing, time } from './values.ts';

const roleSchema = z.enum(['admin', 'auditor', 'member']);

/** Who is signed in, and whether what is shown is live. */
export const statusSchema = z.strictObject({
  version: z.string().max(64),
  account: z
    .strictObject({
      email: name,
      organization: name.nullable(),
      /** Null where it is not known yet. */
      role: roleSchema.nullable(),
      userId: name.nullable(),
      deviceId: name.nullable(),
      deviceName: z.string().max(256).nullable(),
      /** Where pages for the browser are, as an address without a path. */
      controlPlane: z.string().max(500).nullable(),
      signedInWith: z.enum(['token', 'passkey']),
      /** When the sign-in ends; null: it renews itself. */
      endsAt: time.nullable(),
    })
    .nullable(),
  controlPlane: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('online') }),
    z.strictObject({ kind: z.literal('offline'), since: time.nullable() }),
  ]),
  /** When the list of databases was last read from the control plane. */
  databasesAsOf: time.nullable(),
});

/** A sign-in on its way. Only one is at a time. */
export const signInSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('preparing') }),
  z.strictObject({
    kind: z.literal('browser'),
    /** To be opened in the system's browser. */
    url: z.string().max(4_000),
    /** Two characters that the page shows too. */
    matchCode: z.string().max(8),
    deviceName: z.string().max(256),
    endsAt: time,
  }),
  z.strictObject({
    kind: z.literal('device-code'),
    url: z.string().max(4_000),
    urlWithCode: z.string().max(4_000),
    userCode: z.string().max(32),
    fingerprint: z.string().max(128),
    endsAt: time,
  }),
  z.strictObject({ kind: z.literal('done') }),
  z.strictObject({ kind: z.literal('failed'), error: bridgeErrorSchema }),
]);

/** Whether a control plane answers at an address. Each cause has another way out, so it is told by name. */
export const reachSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('reached'),
    /** How far the clock of this machine is off, in milliseconds; null: it told no time. */
    clockSkewMs: z.number().min(0).nullable(),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    cause: z.enum(['name', 'refused', 'certificate', 'timeout', 'other-server', 'interrupted']),
    message: z.string().max(500),
    hint: z.string().max(500),
  }),
]);

/** Where a notification or a link leads. */
export const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('database'), id: name }),
  z.strictObject({ kind: z.literal('query'), database: name.nullable(), saved: key.nullable() }),
  z.strictObject({ kind: z.literal('request'), id: name }),
  z.strictObject({ kind: z.literal('review'), id: name }),
  z.strictObject({ kind: z.literal('session'), id: name }),
  z.strictObject({ kind: z.literal('settings') }),
  /** The first step of signing in, with this address in its field. Nothing is asked of it before the person goes on. */
  z.strictObject({ kind: z.literal('join'), controlPlane: z.url({ protocol: /^https?$/ }).max(500) }),
]);

/** Something that happened while nobody looked. Never with SQL, values or reasons. */
export const notificationSchema = z.strictObject({
  id: key,
  at: time,
  kind: z.enum([
    'request-approved',
    'request-denied',
    'request-ended',
    'approval-needed',
    'access-ends-soon',
    'access-removed',
    'tunnel-lost',
    'sign-in-ends',
    'policy-changed',
    'export-done',
  ]),
  title: z.string().max(200),
  body: z.string().max(500),
  target: targetSchema.nullable(),
  isRead: z.boolean(),
});
const notifications = z.array(notificationSchema).max(200);
const lockSchema = z.strictObject({ isLocked: z.boolean() });
const controlPlaneUrl = z.url({ protocol: /^https?$/ }).max(500);

export const accountMethods = {
  status: { params: nothing, result: statusSchema },
  /** Looks whether there is a control plane, before anything is told to it. Takes up to five seconds. */
  checkControlPlane: { params: z.strictObject({ controlPlane: controlPlaneUrl }), result: reachSchema },
  /** What this device would be enrolled as, and where its key would be kept. */
  describeDevice: {
    params: nothing,
    result: z.strictObject({
      name: z.string().max(256),
      os: z.string().max(256),
      /** In the system's own store of secrets, or in a file of the person alone. */
      keyPlace: z.enum(['system', 'file']),
      /** `missing`: the place works and there is no key yet. */
      keyState: z.enum(['found', 'missing', 'locked', 'unavailable']),
    }),
  },
  /** Begins; `signInChanged` tells how it goes on. A new one ends the one before. */
  startSignIn: {
    params: z.strictObject({
      controlPlane: controlPlaneUrl,
      way: z.enum(['browser', 'device-code']),
      /** Organization, where the control plane has several. */
      organization: name.nullable(),
      /** What to call this device; absent: as its system does. */
      deviceName: z.string().trim().min(1).max(120).optional(),
    }),
    result: signInSchema,
  },
  cancelSignIn: { params: nothing, result: nothing },
  readSignIn: { params: nothing, result: signInSchema },
  /** Refuses everything but unlocking until the passkey is touched (`startSignIn`). Local ports go on working. */
  lock: { params: nothing, result: nothing },
  readLock: { params: nothing, result: lockSchema },
  /** Closes all ports and forgets the account and its keys on this device. */
  signOut: { params: nothing, result: nothing },
  /** Where this app writes its log, with `~` for the person's folder; null: into the output of the program that serves it. */
  describeLogs: {
    params: nothing,
    result: z.strictObject({ folder: z.string().max(1_024).nullable(), canOpen: z.boolean() }),
  },
  /** Shows that folder in the system's own way. False: this shell cannot, or the system did not. */
  openLogs: { params: nothing, result: z.strictObject({ isOpen: z.boolean() }) },
  listNotifications: { params: nothing, result: notifications },
  /** One, or (null) all. */
  markNotificationRead: { params: z.strictObject({ id: key.nullable() }), result: nothing },
  /** The waiting requests of mine and for me, for badges. */
  countWaiting: { params: nothing, result: z.strictObject({ mine: count, inbox: count }) },
} as const;

export const accountEvents = {
  statusChanged: z.strictObject({ status: statusSchema }),
  signInChanged: z.strictObject({ signIn: signInSchema }),
  lockChanged: lockSchema,
  notificationsChanged: z.strictObject({ notifications }),
  /**
   * A link or a notification of the system was followed: the screen opens it, and runs or approves nothing. `link`: anyone
   * may have made it, so the person is asked first; `app`: of a notification or a menu of our own.
   */
  linkOpened: z.strictObject({ target: targetSchema, from: z.enum(['link', 'app']) }),
} as const;
