import { open } from 'node:fs/promises';
import type { Segment } from './segments.ts';

/** Records on their way to the control plane: a JSON body, and what it holds. */
export interface AuditBatch {
  /** `{"records":[…]}`: the lines of the segment as they are, so that nothing is parsed or written anew. */
  readonly body: Buffer;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

const maxRecords = 1_000;
const chunkBytes = 1024 * 1024;
/** A line can be larger than a chunk, never larger than this. */
const maxLineBytes = 8 * 1024 * 1024;
const newline = 0x0a;
const comma = 0x2c;

/** Reads batches one after the other out of segments, and remembers where it is. */
export class BatchReader {
  #place: { readonly file: string; readonly offset: number; readonly seq: number } | null = null;

  /** The next batch from record `seq` on; null when there is none yet. `segments` oldest first. */
  async read(segments: readonly Readonly<Segment>[], seq: number): Promise<AuditBatch | null> {
    const segment = segments.find(({ lastSeq }) => lastSeq >= seq);
    if (segment === undefined) return null;
    if (segment.from.seq >= seq) throw new RangeError(`record ${seq} is not in the audit buffer any more`);
    const offset = await this.#find(segment, seq);
    const lines = await readLines(segment, offset, maxRecords);
    this.#place = { file: segment.file, offset: offset + lines.bytes.length, seq: seq + lines.count };
    return { body: bodyOf(lines.bytes), firstSeq: seq, lastSeq: seq + lines.count - 1 };
  }

  /** Where a record begins: known from the batch before, else found by counting lines. */
  async #find(segment: Readonly<Segment>, seq: number): Promise<number> {
    if (this.#place?.file === segment.file && this.#place.seq === seq) return this.#place.offset;
    let offset = (await readLines(segment, 0, 1)).bytes.length;
    let at = segment.from.seq + 1;
    while (at < seq) {
      const skipped = await readLines(segment, offset, seq - at);
      offset += skipped.bytes.length;
      at += skipped.count;
    }
    return offset;
  }
}

/** At least one and at most `limit` whole lines, about a chunk of them. */
async function readLines(
  segment: Readonly<Segment>,
  offset: number,
  limit: number,
): Promise<{ readonly bytes: Buffer; readonly count: number }> {
  await using file = await open(segment.file, 'r');
  for (let size = chunkBytes; size <= maxLineBytes; size *= 2) {
    const length = Math.min(size, segment.bytes - offset);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
    const lines = wholeLines(buffer.subarray(0, bytesRead), limit);
    if (lines.count > 0) return lines;
  }
  throw new RangeError('an audit segment ends before its records do');
}

function wholeLines(bytes: Buffer, limit: number): { bytes: Buffer; count: number } {
  let end = 0;
  let count = 0;
  while (count < limit) {
    const found = bytes.indexOf(newline, end);
    if (found < 0) break;
    end = found + 1;
    count += 1;
  }
  return { bytes: bytes.subarray(0, end), count };
}

/** Lines end where JSON wants commas; inside a record no byte is a line end. */
function bodyOf(lines: Buffer): Buffer {
  const records = lines.subarray(0, -1);
  for (let at = records.indexOf(newline); at >= 0; at = records.indexOf(newline, at + 1)) records[at] = comma;
  return Buffer.concat([Buffer.from('{"records":['), records, Buffer.from(']}')]);
}
