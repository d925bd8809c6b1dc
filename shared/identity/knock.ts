/**
 * What a device says to an agent before there is a tunnel between them, and the answer: JSON, sealed (sealed.ts) and
 * carried by the relay. The WireGuard handshake that follows is the proof that both hold their keys.
 */
import * as z from 'zod';
import { AppError } from '../errors/app-error.ts';

/** How long a knock holds after it was made, and how much clocks may differ, in milliseconds. */
export const knockLifetimeMs = 60_000;

/** Most addresses that one side may name. */
export const maxCandidates = 16;

const compactJws = z
  .string()
  .max(7_000)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
const knockId = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
/** `address:port`; the sidecar reads it strictly. */
const candidate = z.string().max(64);
const address = z.string().regex(/^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])(?:\.\d{1,3}){2}$/);

export const sealedKnockSchema = z.strictObject({
  v: z.literal(1),
  /** 16 random bytes: names the knock, once. */
  id: knockId,
  /** When it was made: milliseconds since the Unix epoch. */
  at: z.int().min(0),
  certificate: compactJws,
  /** Null when the device holds none (control plane down). */
  grant: compactJws.nullable(),
  /** Id of the database. */
  database: z.string().min(1).max(255),
  candidates: z.array(candidate).max(maxCandidates),
});
export type SealedKnock = z.infer<typeof sealedKnockSchema>;

export const knockAnswerSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    v: z.literal(1),
    id: knockId,
    ok: z.literal(true),
    /** The device's address in the tunnel, and the agent's with its port (100.64.0.0/10, RFC 6598). */
    address,
    agentAddress: address,
    port: z.int().min(1).max(65_535),
    candidates: z.array(candidate).max(maxCandidates),
    /** Names the run of the agent's tunnel: in another one, its WireGuard sessions are gone. */
    run: knockId.optional(),
  }),
  z.strictObject({
    v: z.literal(1),
    id: knockId,
    ok: z.literal(false),
    code: z.string().regex(/^[A-Z][A-Z_]{0,63}$/),
    message: z.string().max(1_000),
    hint: z.string().max(1_000).nullable(),
  }),
]);
export type KnockAnswer = z.infer<typeof knockAnswerSchema>;

/** The bytes to be sealed. */
export function encodeKnock(message: SealedKnock | KnockAnswer): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** Parses what was unsealed. What is not JSON of the expected shape is PROTOCOL_VIOLATION. */
export function parseKnock<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AppError('PROTOCOL_VIOLATION', { detail: 'knock: not JSON', cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join('.') ?? 'shape';
  throw new AppError('PROTOCOL_VIOLATION', { detail: `knock: ${place}` });
}
