import { randomUUID } from 'node:crypto';
import { endSessionAnswer, endSessionQuestion } from '@daam/shared/api/end-session';
import { explainAnswer, explainQuestion } from '@daam/shared/api/explain';
import { judgeAnswer, judgeQuestion } from '@daam/shared/api/judge';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { type ErrorCode, errorCodes } from '@daam/shared/errors/codes';
import { z } from 'zod';
import { announce, type Change } from '../db/notifications.ts';
import { query } from '../db/query.ts';
import { scopeTo } from '../db/scope.ts';
import type { Services } from '../services.ts';
import type { FeedConnection } from './feed-connection.ts';
import { agentAway, type AskedDatabase, tooMany, tooSlow } from './questions.ts';
import { silenceMs } from './serving-agent.ts';

/** The kinds of questions: what is asked, what comes back, and who answers. */
const kinds = {
  explain: {
    question: explainQuestion.omit({ id: true }),
    answer: explainAnswer,
    put: async (agent: FeedConnection, text: unknown) =>
      await agent.ask(explainQuestion.omit({ id: true }).parse(text)),
  },
  judge: {
    question: judgeQuestion.omit({ id: true }),
    answer: judgeAnswer,
    put: async (agent: FeedConnection, text: unknown) =>
      await agent.judge(judgeQuestion.omit({ id: true }).parse(text)),
  },
  'end-session': {
    question: endSessionQuestion.omit({ id: true }),
    answer: endSessionAnswer,
    put: async (agent: FeedConnection, text: unknown) =>
      await agent.endSession(endSessionQuestion.omit({ id: true }).parse(text)),
  },
} as const;
export type QuestionKind = keyof typeof kinds;

/** What the other replica wrote: the agent's answer, or why there is none. */
const reply = z.union([
  z.object({ answer: z.unknown() }),
  z.object({
    error: z.object({
      code: z.enum(Object.keys(errorCodes) as [ErrorCode]).catch('INTERNAL'),
      message: z.string().optional(),
      hint: z.string().optional(),
    }),
  }),
]);

/** Questions of this replica that wait at others. */
const maxWaiting = 64;
/** Of one organization: it has no more of the places that all share. */
const maxWaitingOfOrg = 8;
/** A little longer than the other replica waits for the agent. */
const timeoutMs = 12_000;

/**
 * Questions to agents whose feeds are at other replicas. A question is a row that exists until its answer is read: written
 * and announced by who asks, taken by one replica that has the agent (each looks whether it has, one gets the row).
 */
export class RelayedQuestions {
  readonly #services: Services;
  readonly #waiting = new Map<string, PromiseWithResolvers<unknown>>();
  /** Questions on their way, by organization; endings of sessions have places that no other question takes. */
  readonly #places = { asked: new Map<OrgId, number>(), ending: new Map<OrgId, number>() };

  constructor(services: Services) {
    this.#services = services;
  }

  /** AGENT_UNAVAILABLE when no replica has the agent or too much waits, TIMEOUT without an answer, and what the other replica met. */
  async ask<Kind extends QuestionKind>(
    database: AskedDatabase,
    kind: Kind,
    asked: z.input<(typeof kinds)[Kind]['question']>,
  ): Promise<z.output<(typeof kinds)[Kind]['answer']>> {
    const org = asId<OrgId>(database.orgId);
    const places = this.#places[kind === 'end-session' ? 'ending' : 'asked'];
    const asking = places.get(org) ?? 0;
    const all = [...places.values()].reduce((sum, each) => sum + each, 0);
    if (asking >= maxWaitingOfOrg || all >= maxWaiting) throw tooMany();
    places.set(org, asking + 1);
    try {
      if (!(await this.#isConnected(database))) throw agentAway();
      const answer = await this.#answer(database, kind, JSON.stringify(asked));
      return kinds[kind].answer.parse(answer) as z.output<(typeof kinds)[Kind]['answer']>;
    } finally {
      const left = (places.get(org) ?? 1) - 1;
      if (left > 0) places.set(org, left);
      else places.delete(org);
    }
  }

  async #answer(database: AskedDatabase, kind: QuestionKind, text: string): Promise<unknown> {
    const id = randomUUID();
    const waiting = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => waiting.reject(tooSlow()), timeoutMs);
    this.#waiting.set(id, waiting);
    try {
      await this.#write(database, { id, kind, text });
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
      await this.#remove(asId<OrgId>(database.orgId), id);
    }
  }

  /** A change that some replica announced; `connectionOf` is the feed of a database's agent here, if there is one. */
  apply(
    change: Change,
    connectionOf: (database: string, agent: string | undefined) => FeedConnection | null,
  ): void {
    if (change.kind === 'answered') void this.#collect(change.id, asId<OrgId>(change.org));
    if (change.kind !== 'question') return;
    const agent = connectionOf(change.database, change.agent);
    if (agent === null) return;
    this.#take(change, agent).catch((thrown: unknown) =>
      this.#services.events.pushFailed(agent.agent.database, toAppError(thrown)),
    );
  }

  async #isConnected(database: AskedDatabase): Promise<boolean> {
    const { store, clock } = this.#services;
    const rows = await query(
      scopeTo(store.em(), asId<OrgId>(database.orgId)).em,
      `select 1 from agents where org_id = ? and database_id = ? and state in ('connected', 'draining')
         and last_seen_at > ? and id = coalesce(?::uuid, id) limit 1`,
      [database.orgId, database.id, new Date(clock.now() - silenceMs), database.agent ?? null],
    );
    return rows.length > 0;
  }

  async #write(
    { id: database, orgId, agent }: AskedDatabase,
    { id, kind, text }: { readonly id: string; readonly kind: QuestionKind; readonly text: string },
  ): Promise<void> {
    const { store, clock } = this.#services;
    const now = clock.now();
    await scopeTo(store.em(), asId<OrgId>(orgId)).em.transactional(async (em) => {
      // What a replica left that died while it asked.
      await query(em, 'delete from agent_questions where org_id = ? and asked_at < ?', [
        orgId,
        new Date(now - 300_000),
      ]);
      await query(
        em,
        'insert into agent_questions (id, org_id, database_id, kind, question, asked_at) values (?, ?, ?, ?, ?, ?)',
        [id, orgId, database, kind, text, new Date(now)],
      );
      await announce(em, { kind: 'question', id, org: orgId, database, ...(agent && { agent }) });
    });
  }

  async #take(
    { id, org: orgId }: Extract<Change, { kind: 'question' }>,
    agent: FeedConnection,
  ): Promise<void> {
    const org = asId<OrgId>(orgId);
    const { store, clock } = this.#services;
    const [row] = await query<{ kind: string; question: string }[]>(
      scopeTo(store.em(), org).em,
      `update agent_questions set taken_at = ? where org_id = ? and id = ? and taken_at is null
       returning kind, question`,
      [new Date(clock.now()), org, id],
    );
    if (row === undefined) return;
    const text = JSON.stringify(await answerOf(row, agent));
    await scopeTo(store.em(), org).em.transactional(async (em) => {
      await query(em, 'update agent_questions set answer = ? where org_id = ? and id = ?', [text, org, id]);
      await announce(em, { kind: 'answered', id, org });
    });
  }

  /** The answer to a question of this replica is there. */
  async #collect(id: string, org: OrgId): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    try {
      const [row] = await query<{ answer: string | null }[]>(
        scopeTo(this.#services.store.em(), org).em,
        'select answer from agent_questions where org_id = ? and id = ?',
        [org, id],
      );
      const read = reply.parse(JSON.parse(row?.answer ?? 'null'));
      if ('error' in read) {
        const { code, message, hint } = read.error;
        throw new AppError(code, { ...(message && { message }), ...(hint && { hint }) });
      }
      waiting.resolve(read.answer);
    } catch (thrown) {
      waiting.reject(toAppError(thrown));
    }
  }

  async #remove(org: OrgId, id: string): Promise<void> {
    await query(
      scopeTo(this.#services.store.em(), org).em,
      'delete from agent_questions where org_id = ? and id = ?',
      [org, id],
    ).catch(() => []);
  }
}

async function answerOf(
  { kind, question }: { readonly kind: string; readonly question: string },
  agent: FeedConnection,
): Promise<z.input<typeof reply>> {
  try {
    if (!isKind(kind)) throw new AppError('UNSUPPORTED');
    return { answer: await kinds[kind].put(agent, JSON.parse(question)) };
  } catch (thrown) {
    const { code, message, hint } = toAppError(thrown);
    return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
}

function isKind(kind: string): kind is QuestionKind {
  return Object.hasOwn(kinds, kind);
}
