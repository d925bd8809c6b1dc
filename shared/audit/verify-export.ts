import { createHash } from 'node:crypto';
import type { OrgPublicKey } from '../identity/keys.ts';
import { ExportChain, type ChainProblem, type ExportedStream } from './export-chain.ts';
import { type ExportHeader, type ExportLine, exportLineSchema } from './export-format.ts';
import { AuditKeys, type Checkpoint } from './signature.ts';

/**
 * Verifies an export line by line, offline, in memory that does not grow with the file. It finds the first
 * record or line that was changed, removed, moved or added, and says where. The order of the checks: the
 * line's number, its form, its chain, and at each seal all bytes so far under a signature.
 */
export interface ExportFault {
  /** `untrusted`: signed by nobody that the verifier trusts. */
  readonly kind: ChainProblem['kind'];
  /** Line of the file, from 1; where the place is not known more closely, the first of `fromLine` to `line`. */
  readonly line: number;
  readonly fromLine: number;
  readonly stream: string | null;
  readonly seq: number | null;
  readonly reason: string;
}

export interface ExportSummary {
  readonly org: string;
  readonly organization: string;
  readonly at: number;
  readonly lines: number;
  readonly records: number;
  readonly purged: number;
  readonly filter: Readonly<Record<string, string>>;
  readonly streams: readonly ExportedStream[];
  /** Ids of the keys that were trusted. */
  readonly keys: readonly string[];
  /** `file`: they came with the file, so it proves only that nobody without the key changed it since. */
  readonly keysFrom: 'caller' | 'file';
  /** Checkpoints from elsewhere that this export could not be held against. */
  readonly unseenCheckpoints: number;
}

export type ExportVerdict =
  | { readonly kind: 'ok'; readonly summary: ExportSummary }
  | { readonly kind: 'fault'; readonly fault: ExportFault };

export interface ExportVerifierOptions {
  /** Ids of keys that are trusted (they are thumbprints, so the file may bring the keys), or keys. Null: those of the file. */
  readonly trusted: readonly (string | OrgPublicKey)[] | null;
  /** Kept elsewhere; their signatures were verified, or they are trusted as they are. */
  readonly checkpoints?: readonly Checkpoint[];
}

const lineFeed = Buffer.from('\n');
const maxStreams = 100_000;

export class ExportVerifier {
  readonly #options: ExportVerifierOptions;
  readonly #digest = createHash('sha256');
  readonly #done: ExportedStream[] = [];
  #header: ExportHeader | null = null;
  #keys = new AuditKeys([]);
  #chain: ExportChain | null = null;
  #line = 0;
  #sealed = 0;
  #hasEnded = false;
  #fault: ExportFault | null = null;
  /** What was there instead of an expected line; the lines that follow tell what happened. */
  #doubt: { readonly expected: number; readonly found: number | null; readonly fault: ExportFault } | null =
    null;

  constructor(options: ExportVerifierOptions) {
    this.#options = options;
  }

  /** Takes the next line, without its line feed. After a fault it only looks for what tells more about it. */
  push(bytes: Uint8Array): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    if (this.#doubt !== null) return this.#resolve(text);
    if (this.#fault !== null) return this.#lookFurther(text);
    this.#line += 1;
    const number = lineNumberOf(text);
    if (this.#hasEnded)
      return this.#fail({ kind: 'added', seq: null, reason: 'the file goes on after its last seal' });
    if (number !== this.#line) return this.#wonder(number);
    const line = parseLine(text);
    if (line === null) return this.#wonder(number);
    this.#take(line);
    this.#digest.update(bytes).update(lineFeed);
  }

  /** The verdict; nothing can be pushed after it. */
  finish(): ExportVerdict {
    if (this.#doubt !== null) this.#settle(null);
    if (this.#fault === null && !this.#hasEnded) {
      this.#line += 1;
      this.#fail({
        kind: 'removed',
        seq: this.#chain?.expected ?? null,
        reason: 'the file ends without its last seal',
      });
    }
    if (this.#fault !== null) return { kind: 'fault', fault: this.#fault };
    return { kind: 'ok', summary: this.#summary() };
  }

  #take(line: ExportLine): void {
    if (line.type === 'header' || this.#header === null) return this.#begin(line);
    if (line.type === 'seal') return this.#checkSeal(line);
    if (line.type === 'stream') return this.#beginStream(line, this.#header);
    const chain = this.#chain;
    if (chain === null)
      return this.#fail({ kind: 'added', seq: null, reason: 'the line belongs to no chain' });
    const problem = checkLine(chain, line);
    if (problem !== null) this.#fail(problem);
  }

  #begin(line: ExportLine): void {
    if (line.type !== 'header' || this.#header !== null)
      return this.#fail({
        kind: line.type === 'header' ? 'added' : 'removed',
        seq: null,
        reason: 'an export begins with one header',
      });
    this.#header = line;
    const { trusted } = this.#options;
    const keys =
      trusted === null
        ? line.keys
        : trusted.flatMap((one) =>
            typeof one === 'string' ? line.keys.filter(({ kid }) => kid === one) : [one],
          );
    this.#keys = new AuditKeys(keys);
    if (this.#keys.ids.length === 0)
      this.#fail({ kind: 'untrusted', seq: null, reason: 'the export is of none of the trusted keys' });
  }

  #beginStream(line: Extract<ExportLine, { type: 'stream' }>, { org }: ExportHeader): void {
    const problem = this.#endStream();
    if (problem !== null) return this.#fail(problem);
    if (this.#done.length >= maxStreams || this.#done.some(({ stream }) => stream === line.stream))
      return this.#fail({ kind: 'added', seq: null, reason: 'the chain was there already' });
    const checkpoints = (this.#options.checkpoints ?? []).filter(({ stream }) => stream === line.stream);
    this.#chain = new ExportChain(line, { org, keys: this.#keys, checkpoints });
  }

  #endStream(): ChainProblem | null {
    const problem = this.#chain?.end() ?? null;
    if (this.#chain !== null && problem === null) this.#done.push(this.#chain.result);
    if (problem === null) this.#chain = null;
    return problem;
  }

  #checkSeal(seal: Extract<ExportLine, { type: 'seal' }>): void {
    const { claims } = seal;
    const { org, export: id } = this.#header ?? {};
    if (!this.#keys.verify('seal', seal))
      return this.#fail({ kind: 'untrusted', seq: null, reason: 'no trusted key signed the seal' });
    const isHere = claims.org === org && claims.export === id && claims.line === this.#line;
    if (!isHere || claims.digest !== this.#digest.copy().digest('hex')) {
      const reason = 'between this seal and the one before it is not what was sealed';
      return this.#fail({ kind: 'changed', seq: null, reason }, this.#sealed + 1);
    }
    this.#sealed = this.#line;
    if (!claims.isLast) return;
    this.#hasEnded = true;
    const problem = this.#endStream();
    if (problem !== null) this.#fail(problem);
  }

  #fail({ kind, seq, reason, line = this.#line }: ChainProblem, fromLine = line): void {
    this.#fault ??= { kind, line, fromLine, stream: this.#chain?.result.stream ?? null, seq, reason };
  }

  /** A line that is not the one that belongs here: what follows tells whether it was changed, or moved, or another is gone. */
  #wonder(found: number | null): void {
    const fault = this.#faultHere('changed', 'the line is not what was written');
    this.#doubt = { expected: this.#line, found, fault };
  }

  #resolve(text: string): void {
    this.#settle(lineNumberOf(text));
    this.#lookFurther(text);
  }

  #settle(next: number | null): void {
    if (this.#doubt === null) return;
    const { expected, found, fault } = this.#doubt;
    this.#doubt = null;
    this.#fault = fault;
    if (next === expected) {
      const isSwap = found === expected + 1;
      this.#fault = isSwap
        ? this.#faultHere('reordered', 'two lines have changed places')
        : this.#faultHere('added', 'the line was put in');
    } else if (found !== null && found > expected && (next === null || next === found + 1)) {
      this.#fault = this.#faultHere('removed', 'the line is missing');
    } else if (found !== null && found < expected && next === null) {
      this.#fault = this.#faultHere('added', 'the line was there already');
    }
  }

  #faultHere(kind: ChainProblem['kind'], reason: string): ExportFault {
    const seq = this.#chain?.expected ?? null;
    return {
      kind,
      line: this.#line,
      fromLine: this.#line,
      stream: this.#chain?.result.stream ?? null,
      seq,
      reason,
    };
  }

  /** What is missing may come later: then it was moved. */
  #lookFurther(text: string): void {
    const fault = this.#fault;
    if (fault?.kind !== 'removed') return;
    const isIt =
      lineNumberOf(text) === fault.line ||
      (fault.seq !== null && fault.stream !== null && isRecord(text, fault.stream, fault.seq));
    if (isIt && fault.reason.includes('missing'))
      this.#fault = { ...fault, kind: 'reordered', reason: 'it comes later than it belongs' };
  }

  #summary(): ExportSummary {
    const { org = '', organization = '', at = 0, filter = {} } = this.#header ?? {};
    const streams = this.#done;
    const met = streams.reduce((sum, { checkpoints }) => sum + checkpoints, 0);
    return {
      org,
      organization,
      at,
      filter,
      streams,
      lines: this.#line,
      records: streams.reduce((sum, { records }) => sum + records, 0),
      purged: streams.reduce((sum, { purged }) => sum + purged, 0),
      keys: this.#keys.ids,
      keysFrom: this.#options.trusted === null ? 'file' : 'caller',
      unseenCheckpoints: (this.#options.checkpoints ?? []).length - met,
    };
  }
}

function checkLine(
  chain: ExportChain,
  line: Exclude<ExportLine, { type: 'header' | 'stream' | 'seal' }>,
): ChainProblem | null {
  if (line.type === 'record') return chain.record(line);
  if (line.type === 'purge') return chain.purge(line);
  return line.type === 'purged' ? chain.purged(line) : chain.checkpoint(line);
}

function lineNumberOf(text: string): number | null {
  const found = /^\{"line":([1-9]\d{0,14}),/.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

function parseLine(text: string): ExportLine | null {
  try {
    const parsed = exportLineSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Whether a line holds this record: members of a record are in order, so its number and chain end it. */
function isRecord(text: string, stream: string, seq: number): boolean {
  return text.endsWith(`"seq":${seq},"stream":${JSON.stringify(stream)}}}`);
}
