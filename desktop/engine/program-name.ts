/** The name that a PostgreSQL client gives itself in its start-up packet (docs, "StartupMessage"), read as it passes. */

const maxStartup = 10_000;
const headBytes = 8;
const tlsHandshake = 0x16;
const encryptionRequests: readonly number[] = [80_877_103, 80_877_104];
/** Two requests for encryption and the start-up packet. */
const maxPackets = 3;
/** Bytes that PostgreSQL keeps of application_name (NAMEDATALEN). */
const maxName = 63;

/** Takes the first bytes of a client, cut anywhere, until it is done; it changes none of them. */
export class ProgramNameReader {
  #head: Buffer = Buffer.alloc(0);
  #packets = 0;
  #isDone = false;
  #name: string | null = null;

  /** Null while it is not known, and for ever where the client gave none or its start is encrypted. */
  get name(): string | null {
    return this.#name;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  take(bytes: Buffer): void {
    if (this.#isDone) return;
    this.#head = Buffer.concat([this.#head, bytes]).subarray(0, maxStartup + maxPackets * headBytes);
    while (this.#head.length >= headBytes && this.#packets < maxPackets) {
      const [length, code] = [this.#head.readUInt32BE(0), this.#head.readUInt32BE(4)];
      if (length === headBytes && encryptionRequests.includes(code)) {
        this.#head = this.#head.subarray(headBytes);
        this.#packets += 1;
        continue;
      }
      const isStart =
        this.#head[0] !== tlsHandshake && length >= headBytes && length <= maxStartup && code >>> 16 === 3;
      if (isStart && this.#head.length < length) return;
      if (isStart) this.#name = programOf(this.#head.subarray(headBytes, length));
      this.#end();
    }
    if (this.#packets >= maxPackets) this.#end();
  }

  #end(): void {
    this.#isDone = true;
    this.#head = Buffer.alloc(0);
  }
}

/** Parameters are names and values in turn, each ended by a zero. */
function programOf(parameters: Buffer): string | null {
  const texts = parameters.toString('utf8').split('\0');
  for (let at = 0; at + 1 < texts.length; at += 2)
    if (texts[at] === 'application_name') return printable(texts[at + 1] ?? '');
  return null;
}

function printable(text: string): string | null {
  let made = '';
  for (const character of text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, '?')) {
    if (Buffer.byteLength(made + character) > maxName) break;
    made += character;
  }
  return made.trim() || null;
}
