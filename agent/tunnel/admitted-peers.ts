/**
 * Whose keys may send through the tunnel now: keys of verified knocks, each until its certificate ends or is revoked. The
 * sidecar's peers are made from this table and from nothing else. Before this: knock-door.ts. After it: tunnel-socket.ts,
 * which asks who a connection's key belongs to.
 */
import type { AddressPool } from './address-pool.ts';
import type { PeerIdentity } from './accept.ts';

export interface AdmittedPeer {
  /** X25519 public key of the device, base64url. */
  readonly key: string;
  readonly identity: PeerIdentity;
  /** The device's address in the tunnel. */
  readonly address: string;
  /** Where the device said that it can be reached, `address:port`. */
  readonly candidates: readonly string[];
}

export interface AdmittedPeersOptions {
  readonly pool: AddressPool;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Tells the sidecar. What is asked first takes effect first. */
  readonly addPeer: (peer: AdmittedPeer) => Promise<void>;
  readonly removePeer: (key: string) => Promise<void>;
  /** The person has lost the key to somebody else who signed in on the same device. */
  readonly onReplaced: (former: PeerIdentity) => void;
  /** How long what its sessions were told may still travel before the sidecar forgets a peer. Milliseconds; default 300. */
  readonly graceMs?: number;
}

export class AdmittedPeers {
  readonly #options: AdmittedPeersOptions;
  readonly #byKey = new Map<string, AdmittedPeer>();
  /** Peers that the sidecar is about to forget; nobody any more for whoever asks here. */
  readonly #leaving = new Map<string, NodeJS.Timeout>();

  constructor(options: AdmittedPeersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Every peer, for a sidecar that starts anew. */
  all(): readonly AdmittedPeer[] {
    return [...this.#byKey.values()];
  }

  /** Who holds the key now; null for a key that was not admitted, or not any more. */
  find(key: string): AdmittedPeer | null {
    const peer = this.#byKey.get(key);
    return peer === undefined || this.#isOver(peer.identity) ? null : peer;
  }

  /**
   * Makes the key a peer and resolves with it when the sidecar knows it. A knock with an older certificate of the same
   * person than the one that was admitted does not shorten it. TOO_MANY_SESSIONS when there is no address left.
   */
  async admit(admitted: Omit<AdmittedPeer, 'address'>): Promise<AdmittedPeer> {
    const { key, identity, candidates } = admitted;
    const former = this.#byKey.get(key) ?? null;
    const isSame = former?.identity.user === identity.user && former.identity.device === identity.device;
    const isOlder = isSame && former.identity.expiresAt > identity.expiresAt;
    const address = this.#options.pool.assign(key);
    const peer = { key, identity: isOlder ? former.identity : identity, address, candidates };
    this.#byKey.set(key, peer);
    clearTimeout(this.#leaving.get(key));
    this.#leaving.delete(key);
    if (former !== null && !isSame) this.#options.onReplaced(former.identity);
    try {
      await this.#options.addPeer(peer);
    } catch (thrown) {
      if (former === null && this.#byKey.get(key) === peer) this.#forget(key);
      throw thrown;
    }
    return peer;
  }

  /** Removes every peer whose certificate has ended, and those that `isBarred` names. */
  removeWhere(isBarred: (identity: PeerIdentity) => boolean): void {
    for (const { key, identity } of this.all()) {
      if (this.#isOver(identity) || isBarred(identity)) this.#forget(key);
    }
  }

  /** Whether a session of this identity may go on: its certificate runs, or the device came back with a newer one. */
  isCurrent(identity: PeerIdentity): boolean {
    if (!this.#isOver(identity)) return true;
    return this.all().some(
      (peer) =>
        peer.identity.device === identity.device &&
        peer.identity.user === identity.user &&
        !this.#isOver(peer.identity),
    );
  }

  #isOver({ expiresAt }: PeerIdentity): boolean {
    return expiresAt * 1000 <= this.#options.now();
  }

  #forget(key: string): void {
    this.#byKey.delete(key);
    const leave = (): void => {
      this.#leaving.delete(key);
      this.#options.pool.release(key);
      // A sidecar that cannot be told is ended or restarts, and takes its peers from this table.
      this.#options.removePeer(key).catch(() => {});
    };
    const timer = setTimeout(leave, this.#options.graceMs ?? 300);
    timer.unref();
    this.#leaving.set(key, timer);
  }
}
