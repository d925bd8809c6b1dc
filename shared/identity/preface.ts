/**
 * What a device and an agent say to each other on a new stream before the first PostgreSQL byte: four JSON lines.
 *
 *   device → agent   {v, certificate, grant, database}
 *   agent → device   {v, nonce, agentKey}
 *   device → agent   {proof}
 *   agent → device   {ok:true}  or  {ok:false, code, message, hint} and the end
 *
 * A line ends with LF and is at most `maxPrefaceLine` bytes; the whole exchange may take `prefaceTimeoutMs`.
 */
import * as z from 'zod';
import { AppError } from '../errors/app-error.ts';

/** Ceiling of one line in bytes, its LF included. */
export const maxPrefaceLine = 16 * 1024;

/** How long the whole exchange may take, in milliseconds. */
export const prefaceTimeoutMs = 5_000;

const compactJws = z
  .string()
  .max(7_000)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** First line: who I am and what I want. `grant` is null when the device holds none (control plane down). */
export const knockSchema = z.strictObject({
  v: z.literal(1),
  certificate: compactJws,
  grant: compactJws.nullable(),
  /** Id of the database (preferred) or its name. */
  database: z.string().min(1).max(255),
});
export type Knock = z.infer<typeof knockSchema>;

/** Second line: the challenge of shared/identity/possession; both base64url of 32 bytes. */
export const challengeSchema = z.strictObject({ v: z.literal(1), nonce: bytes32, agentKey: bytes32 });
export type ChallengeLine = z.infer<typeof challengeSchema>;

/** Third line: the proof, base64url of 32 bytes. */
export const proofSchema = z.strictObject({ proof: bytes32 });
export type ProofLine = z.infer<typeof proofSchema>;

/** Last line: come in, or why not. `code` is a key of shared/errors/codes (a newer agent may know more of them). */
export const outcomeSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({
    ok: z.literal(false),
    code: z.string().regex(/^[A-Z][A-Z_]{0,63}$/),
    message: z.string().max(1_000),
    hint: z.string().max(1_000).nullable(),
  }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** A message as a line. */
export function encodePrefaceLine(message: Knock | ChallengeLine | ProofLine | Outcome): Buffer {
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  if (line.length > maxPrefaceLine) throw new AppError('TOO_LARGE', { detail: 'preface line' });
  return line;
}

/** Parses one line (without its LF). What is not JSON of the expected shape is PROTOCOL_VIOLATION. */
export function parsePrefaceLine<T>(schema: z.ZodType<T>, line: string): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw violation('not JSON', cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw violation(parsed.error.issues[0]?.path.join('.') ?? 'shape');
  return parsed.data;
}

/**
 * Cuts a byte stream into lines. Bytes after the last line taken stay in `rest()`: they are PostgreSQL's.
 * A line that exceeds the ceiling is FRAME_TOO_LARGE as soon as that is known, without buffering more.
 */
export class PrefaceLines {
  #buffer: Buffer = Buffer.alloc(0);

  /** Adds what was received. Call `next` until it returns null before pushing more. */
  push(chunk: Uint8Array): void {
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#buffer, chunk]);
  }

  /** The next complete line without its LF, or null when more bytes are needed. */
  next(): string | null {
    const end = this.#buffer.indexOf(0x0a);
    if (end === -1 ? this.#buffer.length >= maxPrefaceLine : end >= maxPrefaceLine) {
      throw new AppError('FRAME_TOO_LARGE', { message: 'A line of the connection preface is too long.' });
    }
    if (end === -1) return null;
    const line = this.#buffer.toString('utf8', 0, end);
    this.#buffer = this.#buffer.subarray(end + 1);
    return line;
  }

  /** Takes the bytes that belong to no line taken so far. */
  rest(): Buffer {
    const rest = this.#buffer;
    this.#buffer = Buffer.alloc(0);
    return rest;
  }
}

function violation(detail: string, cause?: unknown): AppError {
  return new AppError('PROTOCOL_VIOLATION', {
    message: 'The connection preface is not valid.',
    hint: 'Connect through the DAAM desktop app or the daam command line, not straight to the agent.',
    detail,
    cause,
  });
}
