import { randomUUID } from 'node:crypto';
import type { EndSessionAnswer, EndSessionQuestion } from '@daam/shared/api/end-session';
import type { ExplainAnswer, ExplainQuestion } from '@daam/shared/api/explain';
import type { JudgeAnswer, JudgeQuestion } from '@daam/shared/api/judge';
import { AppError } from '@daam/shared/errors/app-error';

/** What is asked; the id is the feed's business. */
export type Asked = Omit<ExplainQuestion, 'id'>;

/** The database whose agent is asked. */
export interface AskedDatabase {
  readonly id: string;
  readonly orgId: string;
  /** Only this agent of it: it has the session that is meant. Absent: any that serves. */
  readonly agent?: string;
}

/** Asks an agent of a database, at whichever replica its feed is. AGENT_UNAVAILABLE when there is none, TIMEOUT without an answer. */
export type AskAgent = (database: AskedDatabase, asked: Asked) => Promise<ExplainAnswer>;

/** Has the agent of a database judge statements under two policies; fails as `AskAgent` does. */
export type AskJudgement = (
  database: AskedDatabase,
  asked: Omit<JudgeQuestion, 'id'>,
) => Promise<JudgeAnswer>;

/** Has one agent end one of its sessions; resolves when nothing of it is left. Fails as `AskAgent` does. */
export type EndAtAgent = (
  database: AskedDatabase & { readonly agent: string },
  asked: Omit<EndSessionQuestion, 'id'>,
) => Promise<EndSessionAnswer>;

/** Questions of one kind that one agent is asked at a time. */
const maxOpen = 16;

/** Questions of one kind on one feed that wait for an answer, by id. */
export class Questions<Answer> {
  readonly #open = new Map<string, PromiseWithResolvers<Answer>>();
  readonly #timeoutMs: number;
  #isClosed = false;

  constructor({ timeoutMs }: { readonly timeoutMs: number }) {
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a question and waits for its answer. */
  async ask(send: (id: string) => void): Promise<Answer> {
    if (this.#isClosed) throw agentAway();
    if (this.#open.size >= maxOpen) throw tooMany();
    const id = randomUUID();
    const waiting = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => waiting.reject(tooSlow()), this.#timeoutMs);
    this.#open.set(id, waiting);
    try {
      send(id);
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
      this.#open.delete(id);
    }
  }

  /** An answer came. One that nobody waits for (any more) is nothing. */
  answered(id: string, answer: Answer): void {
    this.#open.get(id)?.resolve(answer);
  }

  /** The feed is closed: nobody will answer. */
  close(): void {
    this.#isClosed = true;
    for (const waiting of this.#open.values()) waiting.reject(agentAway());
  }
}

/** The agent is connected to no replica. */
export function agentAway(): AppError {
  return new AppError('AGENT_UNAVAILABLE', {
    message: 'The database’s agent is not connected.',
    hint: 'Only the agent understands SQL. See its state with "daam databases", start it, and try again.',
  });
}

/** More questions wait than may. */
export function tooMany(): AppError {
  return new AppError('AGENT_UNAVAILABLE', {
    message: 'The database’s agent has many questions to answer.',
    hint: 'Try again in a moment.',
  });
}

/** The agent has not answered in its time. */
export function tooSlow(): AppError {
  return new AppError('TIMEOUT', {
    message: 'The database’s agent did not answer in time.',
    hint: 'Try again; if it happens again, look at the agent’s health.',
  });
}
