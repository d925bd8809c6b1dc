/**
 * How a peer gets past the door of the relay: JSON text messages on the WebSocket, before any frame.
 *
 *   peer → relay   {v, token}                a relay token (token.ts)
 *   relay → peer   {v, nonce, relayKey}      the challenge of shared/identity/possession, purpose `relay`
 *   peer → relay   {proof}                   bound to the token and to the relay's name
 *   relay → peer   {ok:true}  or  {ok:false, code} and the end
 */
import * as z from 'zod';
import { AppError } from '../errors/app-error.ts';

/** Path of the WebSocket. */
export const relayPath = '/relay/v1';

/** Ceiling of one admission message in bytes, and how long the whole admission may take in milliseconds. */
export const maxAdmissionBytes = 24 * 1024;
export const admissionTimeoutMs = 5_000;

/** Why the relay closes a connection (RFC 6455 section 7.4.2, private range). */
export const relayCloseCodes = {
  refused: 4001,
  badMessage: 4002,
  tokenExpired: 4003,
  replaced: 4004,
  notAlive: 4005,
} as const;

const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const helloSchema = z.strictObject({ v: z.literal(1), token: z.string().min(1).max(20_000) });
export const relayChallengeSchema = z.strictObject({ v: z.literal(1), nonce: bytes32, relayKey: bytes32 });
export const relayProofSchema = z.strictObject({ proof: bytes32 });
export const admittedSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), code: z.string().regex(/^[A-Z][A-Z_]{0,63}$/) }),
]);

export type Hello = z.infer<typeof helloSchema>;
export type RelayChallenge = z.infer<typeof relayChallengeSchema>;
export type RelayProof = z.infer<typeof relayProofSchema>;
export type Admitted = z.infer<typeof admittedSchema>;

/** Parses an admission message; whatever does not fit is PROTOCOL_VIOLATION. */
export function parseAdmission<T>(schema: z.ZodType<T>, text: string): T {
  if (text.length > maxAdmissionBytes) throw new AppError('FRAME_TOO_LARGE', { detail: 'admission' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError('PROTOCOL_VIOLATION', { detail: 'admission: not JSON', cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new AppError('PROTOCOL_VIOLATION', { detail: 'admission: shape' });
  return parsed.data;
}
