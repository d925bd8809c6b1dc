/**
 * Knocks at agents' doors: seals a knock, hands it to the sidecar for the relay, and waits for the sealed answer. A knock
 * that nobody answers is said again, each time as a new one, because an agent hears none twice.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import type { Clock } from '@daam/shared/base/clock';
import { AppError } from '@daam/shared/errors/app-error';
import { type ErrorCode, errorCodes } from '@daam/shared/errors/codes';
import {
  encodeKnock,
  type KnockAnswer,
  knockAnswerSchema,
  maxCandidates,
  parseKnock,
} from '@daam/shared/identity/knock';
import { seal, unseal } from '@daam/shared/identity/sealed';

/** Who is knocked at, and what is shown. */
export interface KnockRequest {
  /** The agent's WireGuard key, base64url. */
  readonly agentKey: string;
  /** Id of the database. */
  readonly database: string;
  readonly certificate: string;
  readonly grant: string | null;
  /** `address:port` under which this device may be found. */
  readonly candidates: readonly string[];
}

/** What the agent has said yes to. */
export type Admission = Extract<KnockAnswer, { ok: true }>;

export interface KnockerOptions {
  readonly deviceKey: KeyObject;
  /** Hands a sealed knock (base64url) on for the holder of the key; false while there is no relay to carry it. */
  readonly send: (to: string, payload: string) => Promise<boolean>;
  readonly clock: Clock;
  /** Waits; rejects when the signal fires. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How long an answer is waited for before the knock is said again, and all in all. Milliseconds. */
export const knockPatience = {
  again: [1_000, 2_000, 3_000, 4_000],
  whileNoRelay: 200,
  total: 10_000,
} as const;

interface Pending {
  readonly agentKey: string;
  readonly answered: (answer: KnockAnswer) => void;
}

export class Knocker {
  readonly #options: KnockerOptions;
  /** By the id of the knock. */
  readonly #pending = new Map<string, Pending>();

  constructor(options: KnockerOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the agent's yes. Rejects with its refusal (code, message, hint), or AGENT_UNAVAILABLE when nobody
   * answers; CANCELLED when the signal fires.
   */
  async knock(request: KnockRequest, signal: AbortSignal): Promise<Admission> {
    const answered = Promise.withResolvers<KnockAnswer>();
    const ids: string[] = [];
    const done = new AbortController();
    const stop = AbortSignal.any([signal, done.signal]);
    try {
      const silence = this.#sayUntil(request, { ids, answered: answered.resolve, stop });
      const answer = await Promise.race([answered.promise, silence]);
      if (answer.ok) return answer;
      throw refusal(answer);
    } finally {
      done.abort();
      for (const id of ids) this.#pending.delete(id);
    }
  }

  /** Takes what came over the relay. What is no answer to a knock of ours is dropped. */
  take(from: string, payload: string): void {
    const sealed = Buffer.from(payload, 'base64url');
    const plain = unseal({ purpose: 'answer', sealed, sender: from, receiver: this.#options.deviceKey });
    if (plain === null) return;
    let answer: KnockAnswer;
    try {
      answer = parseKnock(knockAnswerSchema, plain);
    } catch {
      return;
    }
    const pending = this.#pending.get(answer.id);
    if (pending?.agentKey === from) pending.answered(answer);
  }

  /** Says the knock again and again; never resolves, rejects when patience is at its end. */
  async #sayUntil(
    request: KnockRequest,
    round: {
      readonly ids: string[];
      readonly answered: (answer: KnockAnswer) => void;
      readonly stop: AbortSignal;
    },
  ): Promise<never> {
    const { delay } = this.#options;
    let waited = 0;
    let said = 0;
    try {
      while (waited < knockPatience.total) {
        const isSent = await this.#say(request, round);
        if (isSent) said += 1;
        const pause = isSent
          ? (knockPatience.again[said - 1] ?? knockPatience.total)
          : knockPatience.whileNoRelay;
        await delay(Math.min(pause, knockPatience.total - waited), round.stop);
        waited += pause;
      }
    } catch (cause) {
      if (round.stop.aborted) throw new AppError('CANCELLED', { cause });
      throw cause;
    }
    throw said === 0 ? noRelay() : noAnswer();
  }

  async #say(
    { agentKey, ...shown }: KnockRequest,
    round: { readonly ids: string[]; readonly answered: (answer: KnockAnswer) => void },
  ): Promise<boolean> {
    const { deviceKey, clock, send } = this.#options;
    const id = randomBytes(16).toString('base64url');
    const plain = encodeKnock({
      ...shown,
      v: 1,
      id,
      at: clock.now(),
      candidates: shown.candidates.slice(0, maxCandidates),
    });
    const sealed = seal({ purpose: 'knock', plain, sender: deviceKey, receiver: agentKey });
    // Before it is sent: the answer may be quicker than the sidecar's word that it was.
    this.#pending.set(id, { agentKey, answered: round.answered });
    round.ids.push(id);
    return await send(agentKey, sealed.toString('base64url'));
  }
}

/** True when nobody said no: the agent, the relay or the sidecar was not there. */
export function isSilence({ code }: AppError): boolean {
  return (
    code === 'AGENT_UNAVAILABLE' || code === 'TUNNEL_FAILED' || code === 'TIMEOUT' || code === 'CANCELLED'
  );
}

function refusal(answer: Extract<KnockAnswer, { ok: false }>): AppError {
  const code: ErrorCode = Object.hasOwn(errorCodes, answer.code) ? (answer.code as ErrorCode) : 'INTERNAL';
  const options = { message: printable(answer.message), detail: `refused by the agent: ${answer.code}` };
  return new AppError(code, answer.hint === null ? options : { ...options, hint: printable(answer.hint) });
}

/** The agent's words end in a terminal: no control characters. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function noAnswer(): AppError {
  return new AppError('AGENT_UNAVAILABLE', {
    message: 'The agent of this database does not answer.',
    hint: 'Ask an administrator whether it runs; "daam status" shows what is up.',
  });
}

function noRelay(): AppError {
  return new AppError('AGENT_UNAVAILABLE', {
    message: 'The relay cannot be reached.',
    hint: 'Check the network; "daam status" shows what is up.',
  });
}
