/**
 * The open ports of a state folder, whichever process has them: this one as the host, or another one whose guest this is.
 * When the host goes, its guests agree on a new one and open the same ports again.
 */
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { LocalEndpoint } from '../open-databases.ts';
import type { PortSession } from '../port-session.ts';
import { claim, knockAt, shareSocketPath } from './claim.ts';
import { ShareGuest } from './guest.ts';
import { type HostEngine, type OpenWish, ShareHost } from './host.ts';

export interface SharedPortsOptions {
  readonly stateDir: string;
  readonly engine: HostEngine;
  readonly logger: Logger;
  /** What is open has changed without being asked from here. */
  readonly onChange: () => void;
}

type Role =
  | { readonly kind: 'host'; readonly host: ShareHost }
  | { readonly kind: 'guest'; readonly guest: ShareGuest };

export class SharedPorts implements AsyncDisposable {
  readonly #options: SharedPortsOptions;
  /** What this process holds open at a host, by the database's id. */
  readonly #held = new Map<string, { readonly endpoint: LocalEndpoint; readonly wish: OpenWish }>();
  #role: Promise<Role> | null = null;
  #isDisposed = false;

  constructor(options: SharedPortsOptions) {
    this.#options = options;
  }

  async open(nameOrId: string, wish: OpenWish): Promise<LocalEndpoint> {
    const role = await this.#claim();
    if (role.kind === 'host') return await role.host.open(nameOrId, wish);
    const { port = null, place = null, idleCloseMs } = wish;
    const [endpoint] = await role.guest.ask({ do: 'connect', database: nameOrId, port, place, idleCloseMs });
    if (endpoint === undefined) throw new AppError('PROTOCOL_VIOLATION', { detail: 'no endpoint' });
    this.#held.set(endpoint.databaseId, { endpoint, wish });
    return endpoint;
  }

  /** Closes by name or id what this process holds; false when it holds none. As the host: for everybody. */
  async close(nameOrId: string): Promise<boolean> {
    const role = await this.#role?.catch(() => null);
    if (role === undefined || role === null) return false;
    if (role.kind === 'host') {
      const endpoint = (await this.#options.engine.endpoints()).find((each) => isNamed(each, nameOrId));
      if (endpoint === undefined) return false;
      role.host.closed(endpoint.databaseId);
      await this.#options.engine.close(endpoint.databaseId);
      return true;
    }
    const held = [...this.#held.values()].find(({ endpoint }) => isNamed(endpoint, nameOrId))?.endpoint;
    if (held === undefined) return false;
    this.#held.delete(held.databaseId);
    await role.guest.ask({ do: 'close', database: held.databaseId });
    return true;
  }

  /** Ports that are open: as a guest, those that this process holds, as they stand now. */
  async endpoints(): Promise<readonly LocalEndpoint[]> {
    const role = await this.#role?.catch(() => null);
    if (role === undefined || role === null) return [];
    if (role.kind === 'host') return await this.#options.engine.endpoints();
    if (this.#held.size === 0) return [];
    const all = await role.guest
      .ask({ do: 'endpoints' })
      .catch(() => [...this.#held.values()].map(({ endpoint }) => endpoint));
    return all.filter(({ databaseId }) => this.#held.has(databaseId));
  }

  /** Who is connected through a port, whichever process has it. */
  async sessions(databaseId: string): Promise<readonly PortSession[]> {
    const role = await this.#role?.catch(() => null);
    if (role === undefined || role === null) return [];
    if (role.kind === 'host') return await this.#options.engine.sessions(databaseId);
    return this.#held.has(databaseId) ? await role.guest.sessions(databaseId) : [];
  }

  async endSession(databaseId: string, session: string): Promise<boolean> {
    const role = await this.#role?.catch(() => null);
    if (role === undefined || role === null) return false;
    if (role.kind === 'host') return await this.#options.engine.endSession(databaseId, session);
    return this.#held.has(databaseId) && (await role.guest.endSession(databaseId, session));
  }

  /** As the host: nobody has used the database's port for so long, in milliseconds. */
  async wasIdle(databaseId: string, idleMs: number): Promise<void> {
    const role = await this.#role?.catch(() => null);
    if (role?.kind === 'host') await role.host.wasIdle(databaseId, idleMs);
  }

  /** Tells the host, if it is another process, that somebody signed in or out. */
  async tellReload(): Promise<void> {
    const role = await this.#role?.catch(() => null);
    if (role?.kind === 'host') return;
    const found = role?.guest ?? (await this.#visit());
    await found?.ask({ do: 'reload' }).catch(() => {});
    if (role === undefined || role === null) found?.[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const role = await this.#role?.catch(() => null);
    this.#role = null;
    this.#held.clear();
    if (role?.kind === 'host') await role.host[Symbol.asyncDispose]();
    else role?.guest[Symbol.dispose]();
  }

  async #visit(): Promise<ShareGuest | null> {
    const found = await knockAt(await shareSocketPath(this.#options.stateDir));
    const ignore = (): void => {};
    return found === null ? null : new ShareGuest({ socket: found.socket, onClosed: ignore, onGone: ignore });
  }

  #claim(): Promise<Role> {
    return (this.#role ??= this.#claimNow().catch((thrown: unknown) => {
      this.#role = null;
      throw thrown;
    }));
  }

  async #claimNow(): Promise<Role> {
    const { stateDir, engine } = this.#options;
    const host = new ShareHost({ engine });
    const claimed = await claim(await shareSocketPath(stateDir), (guest) => host.welcome(guest));
    if (claimed.kind === 'host') {
      host.own(claimed.server);
      return { kind: 'host', host };
    }
    const guest = new ShareGuest({
      socket: claimed.socket,
      onClosed: (databaseId) => {
        if (this.#held.delete(databaseId)) this.#options.onChange();
      },
      onGone: () => void this.#openAgain(),
    });
    return { kind: 'guest', guest };
  }

  /** The host is gone: what it held for us is opened again, on the same ports, here or at the next host. */
  async #openAgain(): Promise<void> {
    this.#role = null;
    const lost = [...this.#held.values()];
    this.#held.clear();
    if (this.#isDisposed) return;
    for (const { endpoint, wish } of lost) {
      const { databaseId, port } = endpoint;
      try {
        await this.open(databaseId, { ...wish, port });
      } catch (thrown) {
        this.#options.logger.warn({ code: toAppError(thrown).code }, 'a port could not be opened again');
      }
    }
    this.#options.onChange();
  }
}

function isNamed({ database, databaseId }: LocalEndpoint, nameOrId: string): boolean {
  return databaseId === nameOrId || database === nameOrId;
}
