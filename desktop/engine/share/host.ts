/** The host's side: opens ports for its guests, and closes each when nobody holds it any more. */
import type { Server, Socket } from 'node:net';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { LocalEndpoint, PortWish } from '../open-databases.ts';
import type { PortSession } from '../port-session.ts';
import { readLines } from './lines.ts';
import {
  type PortsRequest,
  requestSchema,
  type ShareAnswer,
  type ShareRequest,
  toFailure,
} from './messages.ts';

/** How somebody wants a database's port. */
export interface OpenWish extends Pick<PortWish, 'port' | 'place'> {
  /** After how long without a client they let go, in milliseconds; null: never by themselves. */
  readonly idleCloseMs: number | null;
}

/** What the host's engine does for guests. */
export interface HostEngine {
  open(nameOrId: string, wish: OpenWish): Promise<LocalEndpoint>;
  close(databaseId: string): Promise<void>;
  endpoints(): Promise<readonly LocalEndpoint[]>;
  sessions(databaseId: string): Promise<readonly PortSession[]>;
  endSession(databaseId: string, session: string): Promise<boolean>;
  reload(): Promise<void>;
}

export class ShareHost implements AsyncDisposable {
  #server: Server | null = null;
  readonly #engine: HostEngine;
  readonly #guests = new Set<Socket>();
  /** Who holds a database open, by its id; `null` is the host's own person. */
  readonly #holders = new Map<string, Map<Socket | null, Pick<OpenWish, 'idleCloseMs'>>>();

  constructor(options: { readonly engine: HostEngine }) {
    this.#engine = options.engine;
  }

  /** The server that guests come through; closed with the host. */
  own(server: Server): void {
    this.#server = server;
  }

  /** The host's own connect. */
  async open(nameOrId: string, wish: OpenWish): Promise<LocalEndpoint> {
    return await this.#open(null, nameOrId, wish);
  }

  /** The host's own disconnect: for everybody, as the person who asks for it expects. */
  closed(databaseId: string): void {
    const holders = this.#holders.get(databaseId);
    this.#holders.delete(databaseId);
    for (const guest of holders?.keys() ?? []) if (guest !== null) say(guest, { closed: databaseId });
  }

  /** Nobody has used it for so long, in milliseconds: whoever does not want it any more then lets go. */
  async wasIdle(databaseId: string, idleMs: number): Promise<void> {
    for (const [holder, { idleCloseMs }] of this.#holders.get(databaseId) ?? []) {
      if (idleCloseMs === null || idleMs < idleCloseMs) continue;
      if (holder !== null) say(holder, { closed: databaseId });
      await this.#letGo(holder, databaseId);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<unknown>((resolve) => {
      if (this.#server === null) resolve(null);
      else this.#server.close(resolve);
    });
    for (const guest of this.#guests) guest.destroy();
    await closed;
  }

  /** A guest has come. */
  welcome(guest: Socket): void {
    this.#guests.add(guest);
    guest.once('close', () => {
      this.#guests.delete(guest);
      for (const id of this.#holders.keys()) void this.#letGo(guest, id);
    });
    readLines(guest, (line) => void this.#answer(guest, line));
  }

  async #answer(guest: Socket, line: string): Promise<void> {
    const request = parse(line);
    if (request === null) {
      guest.destroy();
      return;
    }
    const { id } = request;
    try {
      if (request.do === 'sessions')
        say(guest, { id, sessions: [...(await this.#engine.sessions(request.database))] });
      else if (request.do === 'endSession')
        say(guest, { id, ended: await this.#engine.endSession(request.database, request.session) });
      else say(guest, { id, endpoints: [...(await this.#do(guest, request))] });
    } catch (thrown) {
      say(guest, { id, error: toFailure(toAppError(thrown)) });
    }
  }

  async #do(guest: Socket, request: PortsRequest): Promise<readonly LocalEndpoint[]> {
    if (request.do === 'connect') {
      const { database, port, place, idleCloseMs } = request;
      return [
        await this.#open(guest, database, {
          port: port ?? undefined,
          place: place ?? undefined,
          idleCloseMs,
        }),
      ];
    }
    if (request.do === 'endpoints') return await this.#engine.endpoints();
    if (request.do === 'close') await this.#letGo(guest, request.database);
    else {
      await this.#engine.reload();
      await this.#dropClosed();
    }
    return [];
  }

  async #open(holder: Socket | null, nameOrId: string, wish: OpenWish): Promise<LocalEndpoint> {
    const endpoint = await this.#engine.open(nameOrId, wish);
    const holders = this.#holders.get(endpoint.databaseId) ?? new Map<Socket | null, OpenWish>();
    this.#holders.set(endpoint.databaseId, holders.set(holder, wish));
    // A guest that went away meanwhile holds nothing.
    if (holder?.destroyed === true) {
      await this.#letGo(holder, endpoint.databaseId);
      throw new AppError('CANCELLED');
    }
    return endpoint;
  }

  /** What is not open any more is nobody's. */
  async #dropClosed(): Promise<void> {
    const open = new Set((await this.#engine.endpoints()).map(({ databaseId }) => databaseId));
    for (const id of this.#holders.keys()) if (!open.has(id)) this.closed(id);
  }

  async #letGo(guest: Socket | null, databaseId: string): Promise<void> {
    const holders = this.#holders.get(databaseId);
    if (holders?.delete(guest) !== true || holders.size > 0) return;
    this.#holders.delete(databaseId);
    await this.#engine.close(databaseId);
  }
}

function parse(line: string): ShareRequest | null {
  try {
    return requestSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function say(guest: Socket, answer: ShareAnswer): void {
  if (!guest.destroyed) guest.write(`${JSON.stringify(answer)}\n`);
}
