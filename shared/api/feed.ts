import { z } from 'zod';
import { schemaHash } from './database-schema.ts';
import { doctorReport } from './doctor.ts';
import { endSessionAnswer, endSessionQuestion } from './end-session.ts';
import { explainAnswer, explainQuestion } from './explain.ts';
import { judgeAnswer, judgeQuestion } from './judge.ts';
import { agentAddress, id, relayTicket, timestamp, tunnelTarget } from './schemas.ts';

/**
 * The WebSocket between control plane and agent (`GET /api/v1/agents/feed`, bearer credential in the
 * Authorization header). Text frames, one JSON object each. The agent says `hello` first; the control plane
 * answers with the bundle in force, then with every newer one, and asks what would happen to a statement (`explain`);
 * the agent answers by id. It tells how it is (`state`) and which schema it sees (`schema`). Either side answers `ping` with `pong`.
 */
export const feedPath = '/api/v1/agents/feed';

/** Ceiling of a frame from an agent, in bytes. */
export const maxAgentMessageBytes = 256 * 1024;

/** Ceiling of a frame from the control plane, in bytes: a bundle with its whole organization. */
export const maxControlMessageBytes = 16 * 1024 * 1024;

/** Close codes of the feed (RFC 6455 7.4.2, private range). */
export const feedCloseCodes = {
  /** The credential was revoked: do not come back with it. */
  revoked: 4001,
  /** A message that does not fit these schemas. */
  badMessage: 4002,
  /** The same agent connected again; the newer connection stays. */
  replaced: 4003,
  /** No `hello` or no `pong` in time. */
  timeout: 4004,
} as const;

export const controlMessage = z.discriminatedUnion('type', [
  /**
   * A PolicyBundle as a JWS (`documentTypes.policyBundle`). `pseudonymKey` is the key (32 bytes, base64url) whose
   * id the bundle names: a secret, so it is never part of the text that is signed, cached and shown.
   */
  z.object({
    type: z.literal('bundle'),
    jws: z.string().max(maxControlMessageBytes),
    pseudonymKey: z.string().length(43).optional(),
  }),
  /** Only to agents that said they can. Answered by `explained` with the same id. */
  explainQuestion.extend({ type: z.literal('explain') }),
  /** Only to agents that said they can. Answered by `judged` with the same id. */
  judgeQuestion.extend({ type: z.literal('judge') }),
  /** Only to agents that said they can. Answered by `session-ended` with the same id. */
  endSessionQuestion.extend({ type: z.literal('end-session') }),
  /** Only to agents that said they can: look at the database now. Answered by `doctor`. */
  z.object({ type: z.literal('examine') }),
  /** Only to agents that said they can: read the schema now. Answered by `schema`. */
  z.object({ type: z.literal('introspect') }),
  /** The report of this hash is not known: send it (`PUT /api/v1/agents/schema`). */
  z.object({ type: z.literal('schema-wanted'), hash: schemaHash }),
  /** The agent's home relay, after a `hello` with a tunnel and again before the ticket ends; null: there is none. */
  z.object({ type: z.literal('relay'), ticket: relayTicket.nullable() }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pong') }),
]);
export type ControlMessage = z.infer<typeof controlMessage>;

/** A passkey at an agent. `fingerprint` is what people compare (identity/passkey-proof.ts). */
export const passkeyStanding = z.object({
  user: id,
  email: z.string().max(254),
  fingerprint: z.string().max(60),
  standing: z.enum(['pinned', 'waiting']),
  since: timestamp,
});
export type PasskeyStanding = z.infer<typeof passkeyStanding>;

/** Why an agent is not healthy. */
export const agentTrouble = z.enum([
  'upstream-away',
  'no-policy',
  'cached-policy',
  'control-plane-refused',
  'audit-not-writable',
  'database-unsafe',
  'no-way-in',
  'tunnel-degraded',
]);
export type AgentTrouble = z.infer<typeof agentTrouble>;

/**
 * Of several agents of one database one has the lease on the upstream: it alone removes roles that dead agents left.
 */
export const leaseHolding = z.enum(['holder', 'other']);
export type LeaseHolding = z.infer<typeof leaseHolding>;

/** What a policy did to the sessions that were open at an agent: those that have it now, and those it ended. */
export const sessionCounts = z.object({
  updated: z.number().int().min(0).max(1_000_000),
  ended: z.number().int().min(0).max(1_000_000),
});
export type SessionCounts = z.infer<typeof sessionCounts>;

/** In the agent's own words: nothing that the server wrote. */
export const upstreamFailure = z.object({ code: z.string().max(64), message: z.string().max(300) });

const epoch = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const agentMessage = z.discriminatedUnion('type', [
  /** `epoch` is the one in force at the agent, 0 without any; `listen` is where clients reach it. */
  z.object({
    type: z.literal('hello'),
    version: z.string().min(1).max(64),
    epoch,
    listen: agentAddress.optional(),
    /** What it can besides: `explain`, `examine`, `schema`, `judge`, `end-session`. */
    can: z.array(z.string().max(32)).max(16).optional(),
    /** Its tunnel, once it is up. */
    tunnel: tunnelTarget.optional(),
  }),
  /** The tunnel came up, or is found elsewhere now. */
  z.object({ type: z.literal('tunnel'), tunnel: tunnelTarget }),
  /** Which passkeys the agent trusts, and which wait for somebody's word: whenever that changes. */
  z.object({ type: z.literal('passkeys'), passkeys: z.array(passkeyStanding).max(10_000) }),
  z.object({
    type: z.literal('applied'),
    epoch,
    tookMs: z.number().min(0),
    sessions: sessionCounts.optional(),
  }),
  /** How it is: after each connection, and whenever that changes; sessions at most every ten seconds. */
  z.object({
    type: z.literal('state'),
    state: z.enum(['healthy', 'degraded', 'unhealthy', 'draining']),
    sessions: z.number().int().min(0).optional(),
    upstream: z.enum(['connected', 'disconnected']).optional(),
    /** Why the database was not reached the last time. */
    upstreamFailure: upstreamFailure.nullable().optional(),
    serverVersion: z.string().max(200).nullable().optional(),
    troubles: z.array(agentTrouble).max(16).optional(),
    policy: z.enum(['live', 'cache', 'none']).optional(),
    undelivered: z.number().int().min(0).optional(),
    lease: leaseHolding.nullable().optional(),
    relay: z
      .object({ name: z.string().max(255).nullable(), isConnected: z.boolean() })
      .nullable()
      .optional(),
  }),
  /** The schema as the agent sees it has this hash: after each connection, each change, and when asked. */
  z.object({ type: z.literal('schema'), hash: schemaHash }),
  /** What the doctor found: after each connection, each examination, and when asked. */
  z.object({ type: z.literal('doctor'), report: doctorReport }),
  z.object({ type: z.literal('explained'), id: z.uuid(), answer: explainAnswer }),
  z.object({ type: z.literal('judged'), id: z.uuid(), answer: judgeAnswer }),
  z.object({ type: z.literal('session-ended'), id: z.uuid(), answer: endSessionAnswer }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pong') }),
]);
export type AgentMessage = z.infer<typeof agentMessage>;
