import type { RelayTicket } from '@daam/shared/api/schemas';
import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import type { Services } from '../services.ts';
import type { FeedIdentity } from './agent-row.ts';
import { ticketForAgent } from './tunnel-row.ts';

/** A ticket is renewed this long before it ends, in milliseconds. */
const marginMs = 15 * 60_000;

export interface AgentTicketOptions {
  readonly services: Services;
  readonly identity: FeedIdentity;
  readonly send: (ticket: RelayTicket | null) => void;
  readonly onFailure: (error: AppError) => void;
}

/** Keeps the agent of a feed admitted to its relay, from the moment that it has a tunnel. */
export class AgentTicket {
  readonly #options: AgentTicketOptions;
  #publicKey: string | null = null;
  /** When the ticket that was sent ends; null: there is nothing to renew. */
  #endsAt: number | null = null;
  #sending: Promise<void> | null = null;

  constructor(options: AgentTicketOptions) {
    this.#options = options;
  }

  /** The tunnel has this key: another one than before needs another ticket. */
  async admit(publicKey: string): Promise<void> {
    if (publicKey === this.#publicKey) return;
    this.#publicKey = publicKey;
    await this.#sending;
    this.#renew();
    await this.#sending;
  }

  /** Called at every heartbeat; one that failed is tried again. */
  renewInTime(): void {
    const now = this.#options.services.clock.now();
    if (this.#endsAt !== null && this.#endsAt - now < marginMs) this.#renew();
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  #renew(): void {
    if (this.#publicKey === null || this.#sending !== null) return;
    this.#endsAt = 0;
    this.#sending = this.#sendFor(this.#publicKey)
      .catch((error: unknown) => this.#options.onFailure(toAppError(error)))
      .finally(() => {
        this.#sending = null;
      });
  }

  async #sendFor(publicKey: string): Promise<void> {
    const ticket = await ticketForAgent(this.#options.services, this.#options.identity, publicKey);
    this.#options.send(ticket);
    this.#endsAt = ticket === null ? null : Date.parse(ticket.expiresAt);
  }
}
