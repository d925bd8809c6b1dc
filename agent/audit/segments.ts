import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import { type AuditRecord, auditRecordSchema, type ChainHead } from '@daam/shared/audit/chain';
import { verifyChain } from '@daam/shared/audit/verify';
import { z } from 'zod';

/**
 * The files of the audit buffer. A segment is a text file: a header line that says where in the chain it
 * begins, then one canonical record a line. Its name is the sequence number of its first record. The newest
 * segment is never removed, so the head of the chain survives a restart even when all was delivered.
 */
export interface Segment {
  readonly file: string;
  /** The record before the first one. */
  readonly from: ChainHead;
  /** Sequence number of the last record; `from.seq` while there is none. */
  lastSeq: number;
  /** Whole lines only. */
  bytes: number;
}

const headerSchema = z.strictObject({
  format: z.literal('daam audit segment v1'),
  stream: z.string(),
  from: z.strictObject({ seq: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
});

/** Makes the directory (0700) when it is missing and lists its segments, oldest first. */
export function listSegments(directory: string): readonly string[] {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return readdirSync(directory)
    .filter((name) => /^\d{16}\.jsonl$/.test(name))
    .sort()
    .map((name) => join(directory, name));
}

/** Starts a new segment (0600) after `from`. The caller closes the descriptor. */
export function createSegment(
  directory: string,
  stream: string,
  from: ChainHead,
): { readonly segment: Segment; readonly descriptor: number } {
  const file = join(directory, `${String(from.seq + 1).padStart(16, '0')}.jsonl`);
  const header = Buffer.from(`${JSON.stringify({ format: 'daam audit segment v1', stream, from })}\n`);
  const descriptor = openSync(file, 'w', 0o600);
  try {
    fchmodSync(descriptor, 0o600);
    if (writeSync(descriptor, header, 0, header.length, 0) !== header.length) throw new Error('short write');
    // Older segments may be removed from now on: without this one the head of the chain would be lost.
    fsyncSync(descriptor);
  } catch (error) {
    closeSync(descriptor);
    rmSync(file, { force: true });
    throw error;
  }
  return { segment: { file, from, lastSeq: from.seq, bytes: header.length }, descriptor };
}

/** A segment that is complete: its extent from its own header and the name of the next. */
export function closedSegment(file: string, stream: string, next: Segment): Segment {
  const from = readHeader(file, stream, firstLine(readStart(file)));
  return { file, from, lastSeq: next.from.seq, bytes: statSync(file).size };
}

/**
 * Opens the newest segment after a restart. A line that was cut off by a crash was never acknowledged to
 * anyone and is removed; anything else that does not verify is AUDIT_CHAIN_BROKEN. Null: the file holds not
 * even its header, and is removed.
 */
export function recoverSegment(
  file: string,
  stream: string,
): { readonly segment: Segment; readonly head: ChainHead; readonly descriptor: number } | null {
  const content = readFileSync(file);
  const end = content.lastIndexOf(0x0a) + 1;
  if (end === 0) {
    rmSync(file);
    return null;
  }
  const header = firstLine(content);
  const from = readHeader(file, stream, header);
  const records = parseRecords(file, content.toString('utf8', header.length + 1, end));
  const verdict = verifyChain(records, { stream, from });
  if (verdict.kind !== 'ok') throw broken(file, `record ${verdict.seq} was ${verdict.kind}`);
  const descriptor = openSync(file, 'r+');
  if (end < content.length) ftruncateSync(descriptor, end);
  return { segment: { file, from, lastSeq: verdict.head.seq, bytes: end }, head: verdict.head, descriptor };
}

/** Removes a segment whose records were all delivered. */
export function removeSegment(segment: Segment): void {
  if (existsSync(segment.file)) rmSync(segment.file);
}

/** Enough for a header. */
function readStart(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(4096);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function firstLine(content: Buffer): Buffer {
  const end = content.indexOf(0x0a);
  return content.subarray(0, end < 0 ? content.length : end);
}

function readHeader(file: string, stream: string, line: Buffer): ChainHead {
  const header = headerSchema.safeParse(parseJson(file, line.toString('utf8')));
  if (!header.success) throw broken(file, 'the header is not one');
  if (header.data.stream !== stream) throw broken(file, 'it belongs to another agent');
  return header.data.from;
}

function parseRecords(file: string, text: string): AuditRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const record = auditRecordSchema.safeParse(parseJson(file, line));
      if (!record.success) throw broken(file, 'a line is not a record');
      return record.data;
    });
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw broken(file, 'a line is not JSON');
  }
}

function broken(file: string, reason: string): AppError {
  return new AppError('AUDIT_CHAIN_BROKEN', {
    message: 'The audit buffer on disk was changed from outside. Nothing may run until it was looked at.',
    detail: `${file}: ${reason}`,
    hint: 'Move the audit buffer directory away, keep it as evidence, and register the agent anew.',
  });
}
