/** Who is connected, and where a frame goes. Pure: sockets are behind `Peer`. */
import { fromBase64Url, toBase64Url } from '@daam/shared/base/bytes';
import { AppError } from '@daam/shared/errors/app-error';
import {
  encodeFrame,
  type Frame,
  type GoneReason,
  goneReasons,
  noKey,
} from '@daam/shared/relay-protocol/frames';
import type { RelayEvents } from '../events.ts';

/** An admitted peer. Keys are base64url. */
export interface Peer {
  readonly key: string;
  readonly counterparts: ReadonlySet<string>;
  /** Queues a frame for the peer; never blocks. */
  readonly deliver: (frame: Buffer) => void;
  /** Another connection took the key. */
  readonly replace: () => void;
}

export class Router {
  readonly #events: RelayEvents;
  readonly #peers = new Map<string, Peer>();
  /** Who named a key as counterpart, by that key. */
  readonly #interested = new Map<string, Set<Peer>>();

  constructor(options: { readonly events: RelayEvents }) {
    this.#events = options.events;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Adds an admitted peer. An older connection of the same key is replaced. */
  add(peer: Peer): void {
    const older = this.#peers.get(peer.key);
    if (older !== undefined) {
      this.#forget(older);
      older.replace();
    }
    this.#peers.set(peer.key, peer);
    for (const key of peer.counterparts) {
      const interested = this.#interested.get(key) ?? new Set();
      this.#interested.set(key, interested.add(peer));
    }
    this.#tellPresence(peer);
  }

  /** Removes a peer; one that was replaced meanwhile stays replaced. */
  remove(peer: Peer): void {
    if (this.#peers.get(peer.key) !== peer) return;
    this.#forget(peer);
    for (const other of this.#counterpartsOf(peer)) other.deliver(goneFrame(peer.key, 'disconnected'));
  }

  /** Acts on a frame from a peer. PROTOCOL_VIOLATION for one that only the relay may send. */
  handle(peer: Peer, frame: Frame): void {
    // What a replaced connection still had in flight goes nowhere.
    if (this.#peers.get(peer.key) !== peer) return;
    switch (frame.kind) {
      case 'send':
        this.#forward(peer, frame);
        return;
      case 'ping':
        peer.deliver(encodeFrame({ kind: 'pong', key: noKey, payload: frame.payload }));
        return;
      case 'pong':
        return;
      case 'recv':
      case 'peerPresent':
      case 'peerGone':
      case 'note':
      case 'restarting':
        throw new AppError('PROTOCOL_VIOLATION', { detail: `${frame.kind} from a peer` });
    }
  }

  /** Hands a frame of the relay itself to everyone. */
  broadcast(frame: Buffer): void {
    for (const peer of this.#peers.values()) peer.deliver(frame);
  }

  #forward(from: Peer, { key, payload }: Frame): void {
    const name = toBase64Url(key);
    const to = this.#peers.get(name);
    const isAllowed = from.counterparts.has(name) || to?.counterparts.has(from.key) === true;
    if (!isAllowed) {
      // Whether a stranger is connected is nobody's business: the answer is the same either way.
      this.#events.frameDropped('not-a-counterpart');
      from.deliver(goneFrame(name, 'notACounterpart'));
    } else if (to === undefined) {
      this.#events.frameDropped('not-here');
      from.deliver(goneFrame(name, 'notHere'));
    } else {
      this.#events.frameForwarded(payload.length);
      to.deliver(encodeFrame({ kind: 'recv', key: fromBase64Url(from.key), payload }));
    }
  }

  #tellPresence(peer: Peer): void {
    const present = (key: string): Buffer =>
      encodeFrame({ kind: 'peerPresent', key: fromBase64Url(key), payload: new Uint8Array() });
    for (const other of this.#counterpartsOf(peer)) {
      if (other.counterparts.has(peer.key)) other.deliver(present(peer.key));
      if (peer.counterparts.has(other.key)) peer.deliver(present(other.key));
    }
  }

  /** Connected peers that one of the two tokens allows it to exchange frames with. */
  #counterpartsOf(peer: Peer): Set<Peer> {
    const found = new Set(this.#interested.get(peer.key));
    for (const key of peer.counterparts) {
      const other = this.#peers.get(key);
      if (other !== undefined) found.add(other);
    }
    found.delete(peer);
    return found;
  }

  #forget(peer: Peer): void {
    this.#peers.delete(peer.key);
    for (const key of peer.counterparts) {
      const interested = this.#interested.get(key);
      interested?.delete(peer);
      if (interested?.size === 0) this.#interested.delete(key);
    }
  }
}

function goneFrame(key: string, reason: GoneReason): Buffer {
  return encodeFrame({
    kind: 'peerGone',
    key: fromBase64Url(key),
    payload: Uint8Array.of(goneReasons[reason]),
  });
}
