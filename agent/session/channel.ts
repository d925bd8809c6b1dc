import type { Socket } from 'node:net';

/**
 * One socket as the pumps want it: awaited reads, awaited writes. At most `highWater` bytes wait unread;
 * beyond that the socket is paused, which is the back-pressure.
 */
const highWater = 256 * 1024;

export class Channel {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #buffered = 0;
  #ended = false;
  #reader: ((chunk: Buffer | null) => void) | null = null;

  constructor({ socket, leftover }: { readonly socket: Socket; readonly leftover: Buffer }) {
    this.#socket = socket;
    if (leftover.length > 0) this.#arrived(leftover);
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    socket.on('end', () => this.#finished());
    socket.on('close', () => this.#finished());
    socket.on('error', () => this.#finished());
    socket.resume();
  }

  get isOpen(): boolean {
    return !this.#ended && !this.#socket.destroyed;
  }

  /** The next bytes, or null when the peer is gone. One reader at a time. */
  read(): Promise<Buffer | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#buffered -= chunk.length;
      if (this.#socket.isPaused() && this.#buffered < highWater / 2) this.#socket.resume();
      return Promise.resolve(chunk);
    }
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** Hands the bytes to the socket; a promise only when the peer is slow. */
  write(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    if (chunks.length === 0 || this.#socket.destroyed) return undefined;
    let isFlowing = true;
    if (chunks.length === 1) {
      isFlowing = this.#socket.write(chunks[0] as Uint8Array);
    } else {
      this.#socket.cork();
      for (const chunk of chunks) isFlowing = this.#socket.write(chunk);
      this.#socket.uncork();
    }
    return isFlowing ? undefined : this.#drained();
  }

  /** Sends the last bytes and closes; a peer that does not read is cut off. */
  end(last?: Uint8Array): void {
    if (this.#socket.destroyed) return;
    if (last === undefined) this.#socket.end();
    else this.#socket.end(last);
    setTimeout(() => this.#socket.destroy(), 2_000).unref();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#finished();
  }

  #drained(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }

  #arrived(chunk: Buffer): void {
    const reader = this.#reader;
    if (reader !== null) {
      this.#reader = null;
      reader(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered > highWater) this.#socket.pause();
  }

  #finished(): void {
    this.#ended = true;
    const reader = this.#reader;
    this.#reader = null;
    reader?.(null);
  }
}
