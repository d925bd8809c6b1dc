import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/**
 * The agent's own cancel keys. The server's key never reaches a client, and a key works only for the person
 * who got it (PostgreSQL docs, "Canceling Requests in Progress").
 */
export interface CancelKey {
  readonly pid: number;
  readonly secret: Buffer;
}

interface Registration {
  readonly secret: Buffer;
  readonly user: string;
  readonly cancel: () => void;
}

export class CancelRegistry {
  readonly #sessions = new Map<number, Registration>();

  /** A key for a new session: 4 bytes of secret in protocol 3.0, 32 from 3.2 on. */
  register({
    user,
    minorVersion,
    cancel,
  }: {
    readonly user: string;
    readonly minorVersion: number;
    readonly cancel: () => void;
  }): CancelKey & Disposable {
    let pid = randomInt(1, 2 ** 31 - 1);
    while (this.#sessions.has(pid)) pid = randomInt(1, 2 ** 31 - 1);
    const secret = randomBytes(minorVersion >= 2 ? 32 : 4);
    this.#sessions.set(pid, { secret, user, cancel });
    return { pid, secret, [Symbol.dispose]: () => void this.#sessions.delete(pid) };
  }

  /** Cancels when key and person fit; says whether they did (for the counter: the client is never told). */
  request({ user, pid, secret }: CancelKey & { readonly user: string }): boolean {
    const found = this.#sessions.get(pid);
    if (found === undefined) return false;
    const fits = secret.length === found.secret.length && timingSafeEqual(secret, found.secret);
    if (!fits || found.user !== user) return false;
    found.cancel();
    return true;
  }
}
