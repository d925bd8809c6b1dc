/** What guests and host of a state folder say to each other: JSON, a line each, over their socket. */
import { errorCodes, type ErrorCode } from '@daam/shared/errors/codes';
import { AppError } from '@daam/shared/errors/app-error';
import * as z from 'zod';
import { maxPortSessions, portSessionSchema } from '../port-session.ts';
import { failureViewSchema, pathViewSchema, relayViewSchema } from '../tunnel/tunnel-view.ts';

/** Ceiling of a line in bytes. */
export const maxLineBytes = 64 * 1024;

const database = z.string().min(1).max(256);
const id = z.int().min(0);

export const requestSchema = z.discriminatedUnion('do', [
  /** Opens a database's port, or shares the one that is open, until `close` or the end of the connection. */
  z.strictObject({
    id,
    do: z.literal('connect'),
    database,
    port: z.int().min(0).max(65_535).nullable(),
    place: z.enum(['tcp', 'socket']).nullable(),
    /** After how long without a client this guest lets go, in milliseconds; null: never by itself. */
    idleCloseMs: z.number().min(0).nullable(),
  }),
  z.strictObject({ id, do: z.literal('close'), database }),
  z.strictObject({ id, do: z.literal('endpoints') }),
  /** Who is connected through a database's port, and the end of one of them. */
  z.strictObject({ id, do: z.literal('sessions'), database }),
  z.strictObject({ id, do: z.literal('endSession'), database, session: portSessionSchema.shape.id }),
  /** Somebody has signed in or out: what is on disk is what holds. */
  z.strictObject({ id, do: z.literal('reload') }),
]);
export type ShareRequest = z.infer<typeof requestSchema>;
/** Those whose answer is endpoints. */
export type PortsRequest = Exclude<ShareRequest, { readonly do: 'sessions' | 'endSession' }>;

export const endpointSchema = z.strictObject({
  database: z.string(),
  databaseId: z.string(),
  host: z.string(),
  port: z.int(),
  user: z.string(),
  dsn: z.string(),
  since: z.number(),
  clients: z.int(),
  path: pathViewSchema.nullable(),
  relay: relayViewSchema.nullable(),
  failure: failureViewSchema.nullable(),
});

const failureSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  field: z.string().nullable(),
});

export const answerSchema = z.union([
  z.strictObject({ id, endpoints: z.array(endpointSchema).max(256) }),
  z.strictObject({ id, sessions: z.array(portSessionSchema).max(maxPortSessions) }),
  z.strictObject({ id, ended: z.boolean() }),
  z.strictObject({ id, error: failureSchema }),
  /** Unasked: the host has closed this database for everybody. */
  z.strictObject({ closed: z.string() }),
]);
export type ShareAnswer = z.infer<typeof answerSchema>;

export function toFailure({ code, message, hint, field }: AppError): z.infer<typeof failureSchema> {
  return { code, message, hint: hint ?? null, field: field ?? null };
}

export function fromFailure({ code, message, hint, field }: z.infer<typeof failureSchema>): AppError {
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL';
  return new AppError(known, {
    message,
    ...(hint === null ? {} : { hint }),
    ...(field === null ? {} : { field }),
  });
}
