import type { KeyObject } from 'node:crypto';
import { type RelayTicket, relayTicket } from '@daam/shared/api/schemas';
import { fileKey, readSealedFile, writeSealedFile } from '../control/sealed-file.ts';

const maxFileBytes = 64 * 1024;

/**
 * The last ticket of the agent's relay, kept for a start without a control plane: without a relay nobody could knock. It
 * admits nobody but the holder of the agent's key, for an hour at most.
 */
export class TicketFile {
  readonly #path: string;
  readonly #key: Buffer;

  constructor(options: { readonly path: string; readonly agentKey: KeyObject }) {
    this.#path = options.path;
    this.#key = fileKey(options.agentKey, 'relay ticket');
  }

  /** The ticket, as long as it holds; null for none, and for a file that is damaged. `now` in milliseconds. */
  async read(now: number): Promise<RelayTicket | null> {
    const sealed = { key: this.#key, schema: relayTicket, maxBytes: maxFileBytes };
    const ticket = await readSealedFile(this.#path, sealed).catch(() => null);
    return ticket !== null && Date.parse(ticket.expiresAt) > now ? ticket : null;
  }

  /** Keeps the ticket. One that cannot be kept is still in use: nothing fails. */
  async write(ticket: RelayTicket): Promise<void> {
    await writeSealedFile(this.#path, this.#key, ticket).catch(() => {});
  }
}
