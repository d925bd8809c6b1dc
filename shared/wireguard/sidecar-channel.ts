/**
 * The conversation with the sidecar (package control of the Go module) as commands and events, without the process: who
 * starts the process hands in its lines. Protocol 1.
 */
import * as z from 'zod';
import { AppError } from '../errors/app-error.ts';

export const sidecarProtocol = 1;

/** Ceiling of a line in bytes, either way. */
export const maxSidecarLine = 64 * 1024;

/** Which way packets to a peer take: `both` while the direct one is in doubt. */
export const pathKinds = ['none', 'relay', 'direct', 'both'] as const;
export type PathKind = (typeof pathKinds)[number];

const key = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const count = z.number().int().min(0);

const eventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('path'),
    peer: key,
    kind: z.enum(pathKinds),
    address: z.string().nullable(),
    rttMs: z.number(),
  }),
  z.object({ event: z.literal('handshake'), peer: key }),
  z.object({ event: z.literal('knock'), from: key, payload: z.string().max(maxSidecarLine) }),
  z.object({
    event: z.literal('relay'),
    state: z.enum(['connecting', 'connected', 'waiting']),
    retryInMs: count,
    reason: z.string(),
  }),
  z.object({ event: z.literal('presence'), peer: key, present: z.boolean() }),
  z.object({ event: z.literal('conn.open'), conn: count, forward: z.string(), peer: key }),
  z.object({
    event: z.literal('conn.close'),
    conn: count,
    sent: count,
    received: count,
    reason: z.string(),
  }),
]);
/** Something that the sidecar tells unasked. Keys are base64url. */
export type SidecarEvent = z.infer<typeof eventSchema>;

const answerSchema = z.looseObject({
  id: z.union([z.number(), z.null()]),
  ok: z.literal(true).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

/** Commands that the sidecar knows. */
export type SidecarCommand =
  | 'hello'
  | 'up'
  | 'down'
  | 'peer.add'
  | 'peer.remove'
  | 'forward.add'
  | 'forward.remove'
  | 'forward.tls'
  | 'forward.password'
  | 'forward.refuse'
  | 'forward.sessions'
  | 'forward.end'
  | 'relay.token'
  | 'path.policy'
  | 'rebind'
  | 'knock.send'
  | 'stats';

export type SidecarAnswer = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly command: SidecarCommand;
  readonly resolve: (answer: SidecarAnswer) => void;
  readonly reject: (error: AppError) => void;
}

export class SidecarChannel {
  readonly #write: (line: string) => void;
  readonly #onEvent: (event: SidecarEvent) => void;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #closed: AppError | null = null;

  /** `write` sends one line, LF included, to the sidecar's stdin. */
  constructor(options: {
    readonly write: (line: string) => void;
    readonly onEvent: (event: SidecarEvent) => void;
  }) {
    this.#write = options.write;
    this.#onEvent = options.onEvent;
  }

  /**
   * Sends a command; its fields may hold secrets, which appear in no error. TUNNEL_FAILED with the sidecar's own words
   * when it refuses, and when it is gone before it answers.
   */
  send(command: SidecarCommand, fields: Readonly<Record<string, unknown>> = {}): Promise<SidecarAnswer> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { command, resolve, reject });
      this.#write(`${JSON.stringify({ ...fields, id, do: command })}\n`);
    });
  }

  /** Takes one line of the sidecar's stdout, without its LF. PROTOCOL_VIOLATION for what it never says. */
  take(line: string): void {
    const value = parse(line);
    if (value !== null && typeof value === 'object' && 'event' in value) {
      const event = eventSchema.safeParse(value);
      // A newer sidecar may tell more than is understood here.
      if (event.success) this.#onEvent(event.data);
      return;
    }
    const answer = answerSchema.safeParse(value);
    if (!answer.success)
      throw new AppError('PROTOCOL_VIOLATION', { detail: 'sidecar: neither answer nor event' });
    const { id, error } = answer.data;
    const waiting = id === null ? undefined : this.#waiting.get(id);
    if (id === null || waiting === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(answer.data);
    else waiting.reject(failed(`${waiting.command}: ${error.code}: ${error.message}`));
  }

  /** The sidecar is gone: whoever waits is told, and so is whoever asks later. */
  close(): void {
    this.#closed = failed('the sidecar has ended');
    for (const { reject } of this.#waiting.values()) reject(this.#closed);
    this.#waiting.clear();
  }
}

function parse(line: string): unknown {
  if (line.length > maxSidecarLine) throw new AppError('FRAME_TOO_LARGE', { detail: 'sidecar line' });
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new AppError('PROTOCOL_VIOLATION', { detail: 'sidecar: not JSON', cause });
  }
}

function failed(detail: string): AppError {
  return new AppError('TUNNEL_FAILED', { detail });
}
