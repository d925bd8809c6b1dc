/** What travels over a transport: one JSON object a message, parsed on both sides. */
import { AppError } from '@daam/shared/errors/app-error';
import * as z from 'zod';
import { bridgeErrorSchema, bridgeVersion, capabilitiesSchema, events, methods } from './schema.ts';
import type { EventName, Method } from './schema.ts';

/** Statements and policies are the longest that a screen sends; more is refused before it is parsed. Bytes. */
export const maxClientMessageBytes = 8 * 1024 * 1024;
/** Windows of rows are the longest that the engine sends. Bytes. */
export const maxServerMessageBytes = 64 * 1024 * 1024;

const id = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** From a screen. `hello` comes first on transports that anyone on the machine can reach. */
export const clientMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), version: z.literal(bridgeVersion), token: z.string().max(512) }),
  z.strictObject({
    kind: z.literal('call'),
    id,
    method: z.enum(Object.keys(methods) as [Method, ...Method[]]),
    params: z.unknown(),
  }),
]);

/** To a screen. An `error` answers the call of the same id. */
export const serverMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('welcome'),
    version: z.literal(bridgeVersion),
    capabilities: capabilitiesSchema,
  }),
  z.strictObject({ kind: z.literal('result'), id, value: z.unknown() }),
  z.strictObject({ kind: z.literal('error'), id, error: bridgeErrorSchema }),
  z.strictObject({
    kind: z.literal('event'),
    event: z.enum(Object.keys(events) as [EventName, ...EventName[]]),
    payload: z.unknown(),
  }),
]);

export type ClientMessage = z.infer<typeof clientMessageSchema>;
export type ServerMessage = z.infer<typeof serverMessageSchema>;

/** Why a bridge was closed, as a WebSocket close code (4000 to 4999 are an application's own, RFC 6455 7.4.2). */
export const closeCodes = {
  unauthenticated: 4401,
  invalidMessage: 4400,
  rateLimited: 4429,
  slowReader: 4413,
  shuttingDown: 1001,
} as const;

/** Reads a message of a screen; what is not one throws INVALID_INPUT. */
export function parseClientMessage(text: string): ClientMessage {
  return parseMessage(clientMessageSchema, text);
}

/** Reads a message of the engine; what is not one throws INVALID_INPUT. */
export function parseServerMessage(text: string): ServerMessage {
  return parseMessage(serverMessageSchema, text);
}

function parseMessage<T>(schema: z.ZodType<T>, text: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', { detail: 'a bridge message is not JSON', cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new AppError('INVALID_INPUT', { detail: 'unknown bridge message', cause: parsed.error });
  return parsed.data;
}
