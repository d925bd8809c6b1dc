import * as z from 'zod';
import { type PortPlace, randomPort } from './local-address.ts';
import type { StateFolder } from './state-folder.ts';

const portSchema = z.strictObject({ port: z.int().min(1).max(65_535) });
const placeSchema = z.strictObject({ place: z.enum(['tcp', 'socket']) });

const attempts = 32;

/** The local port that each database keeps on this device, so that clients are set up once. */
export class StickyPorts {
  readonly #state: StateFolder;

  constructor(options: { readonly state: StateFolder }) {
    this.#state = options.state;
  }

  /** The database's port, or null when it has none yet. */
  async get(database: string): Promise<number | null> {
    const held = await (await this.#folder()).read(`${database}.json`, portSchema);
    return held?.port ?? null;
  }

  async set(database: string, port: number): Promise<void> {
    if ((await this.get(database)) !== port) await (await this.#folder()).write(`${database}.json`, { port });
  }

  /** Where the database listens unless somebody asks for another place. */
  async place(database: string): Promise<PortPlace> {
    const held = await (await this.#folder()).read(`${database}.place.json`, placeSchema);
    return held?.place ?? 'tcp';
  }

  async setPlace(database: string, place: PortPlace): Promise<void> {
    await (await this.#folder()).write(`${database}.place.json`, { place });
  }

  #folder(): Promise<StateFolder> {
    return this.#state.folder('ports');
  }
}

/** Candidates for a database that has no port yet: random, so that nobody can sit on the next one beforehand. */
export function freshPorts(): number[] {
  return Array.from({ length: attempts }, randomPort);
}
