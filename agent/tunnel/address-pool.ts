import { createHash } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';

/** 100.64.0.0/10, the shared address space (RFC 6598): 22 bits of host. */
const base = 0x6440_0000;
const hostBits = 22;
const hostMask = (1 << hostBits) - 1;

/** An address of the tunnel from a number of 22 bits. */
function addressOf(host: number): string {
  const value = (base | host) >>> 0;
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

/** The place where a key's search for an address begins; never the first or last of the range. */
function hostOf(key: string): number {
  return ((createHash('sha256').update(key).digest().readUInt32BE(0) & hostMask) % (hostMask - 1)) + 1;
}

/**
 * Addresses of an agent's tunnel: its own, and one for each device. A device keeps the same address from knock to knock as
 * long as nobody else has it, because where the search begins depends on its key alone.
 */
export class AddressPool {
  /** The agent's own address. */
  readonly own: string;
  readonly #byKey = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #maxDevices: number;

  /** `ownKey` is the agent's public key, base64url. */
  constructor(options: { readonly ownKey: string; readonly maxDevices?: number }) {
    this.own = addressOf(hostOf(options.ownKey));
    this.#taken.add(this.own);
    this.#maxDevices = options.maxDevices ?? 10_000;
  }

  /** The device's address, its own from now on. TOO_MANY_SESSIONS when the pool is full. */
  assign(key: string): string {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#byKey.size >= this.#maxDevices) throw new AppError('TOO_MANY_SESSIONS');
    let host = hostOf(key);
    while (this.#taken.has(addressOf(host))) host = host >= hostMask - 1 ? 1 : host + 1;
    const address = addressOf(host);
    this.#byKey.set(key, address);
    this.#taken.add(address);
    return address;
  }

  /** Gives the address back. */
  release(key: string): void {
    const address = this.#byKey.get(key);
    if (address === undefined) return;
    this.#byKey.delete(key);
    this.#taken.delete(address);
  }
}
