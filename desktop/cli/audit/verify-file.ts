import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { maxExportLineBytes } from '@daam/shared/audit/export-format';
import { AuditKeys, type Checkpoint, signedSchema } from '@daam/shared/audit/signature';
import { type ExportVerdict, ExportVerifier } from '@daam/shared/audit/verify-export';
import { AppError } from '@daam/shared/errors/app-error';
import { keyId, type OrgPublicKey } from '@daam/shared/identity/keys';
import { UsageError } from '../command.ts';
import { linesOf } from './lines.ts';

export interface VerifyRequest {
  /** Path, or `-` for standard input. */
  readonly file: string;
  readonly stdin: Readable;
  /** Key ids or public keys, separated by commas; undefined trusts the keys in the file. */
  readonly keys: string | undefined;
  /** A file of `daam audit checkpoints`. */
  readonly checkpoints: string | undefined;
}

const maxCheckpointBytes = 4096;
const signedCheckpoint = signedSchema('checkpoint');

/** Verifies an export line by line: it may be of any size, and nothing is asked over the network. */
export async function verifyFile(request: VerifyRequest): Promise<ExportVerdict> {
  const trusted = request.keys === undefined ? null : request.keys.split(',').map(readKey);
  const checkpoints =
    request.checkpoints === undefined ? [] : await readCheckpoints(request.checkpoints, trusted);
  const verifier = new ExportVerifier({ trusted, checkpoints });
  const { file, stdin } = request;
  const input = file === '-' ? (stdin as AsyncIterable<Uint8Array>) : await openPath(file);
  for await (const line of linesOf(input, maxExportLineBytes)) verifier.push(line);
  return verifier.finish();
}

async function openPath(path: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    const handle = await open(path, 'r');
    return createReadStream('', { fd: handle, highWaterMark: 1024 * 1024 });
  } catch (cause) {
    throw new AppError('INVALID_INPUT', {
      field: 'file',
      message: `The file ${path} cannot be read.`,
      cause,
    });
  }
}

/** An id is a key's own thumbprint, so it stands for the key; a key itself is 32 bytes behind `x:`. */
function readKey(text: string): string | OrgPublicKey {
  const key = text.trim();
  if (/^[A-Za-z0-9_-]{43}$/.test(key)) return key;
  const x = /^x:([A-Za-z0-9_-]{43})$/.exec(key)?.[1];
  if (x !== undefined) return { kid: keyId(x), x };
  throw new UsageError('--key takes the ids of "daam audit keys", separated by commas.');
}

/** Without trusted keys they are taken as they are: they were kept by whoever verifies. */
async function readCheckpoints(
  path: string,
  trusted: readonly (string | OrgPublicKey)[] | null,
): Promise<Checkpoint[]> {
  const keys = trusted?.flatMap((key) => (typeof key === 'string' ? [] : [key])) ?? [];
  const known = new AuditKeys(keys);
  const found: Checkpoint[] = [];
  for await (const line of linesOf(await openPath(path), maxCheckpointBytes)) {
    if (line.length === 0) continue;
    const signed = signedCheckpoint.safeParse(parseJson(line));
    const isForged =
      signed.success && known.ids.includes(signed.data.kid) && !known.verify('checkpoint', signed.data);
    if (!signed.success || isForged) {
      const message = `${path} holds a line that is not a checkpoint as "daam audit checkpoints" prints it.`;
      throw new AppError('INVALID_INPUT', { field: 'checkpoints', message });
    }
    found.push(signed.data.claims);
  }
  return found;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

/** The verdict for people. */
export function verdictText(verdict: ExportVerdict): string {
  if (verdict.kind === 'fault') {
    const { kind, line, fromLine, seq, stream, reason } = verdict.fault;
    const place = fromLine === line ? `line ${line}` : `lines ${fromLine} to ${line}`;
    const record = seq === null ? '' : `, record ${seq}${stream === null ? '' : ` of ${stream}`}`;
    return `NOT VERIFIED: ${kind} at ${place}${record}: ${reason}.`;
  }
  const { summary } = verdict;
  const streams = summary.streams.map(({ label, stream, records, purged, complete, head }) => {
    const gone = purged === 0 ? '' : `, ${purged} purged under a signed proof`;
    return `  ${plain(label)} (${stream}): ${records} records${gone}${complete ? `, complete to ${head.seq}` : ', a part'}`;
  });
  return [
    `Verified: ${summary.records} records of ${plain(summary.organization)}, as of ${new Date(summary.at).toISOString()}.`,
    ...streams,
    ...notesOf(summary),
  ].join('\n');
}

function notesOf(summary: Extract<ExportVerdict, { kind: 'ok' }>['summary']): string[] {
  const keys = summary.keys.join(', ');
  const filter = Object.entries(summary.filter).map(([name, value]) => `${name}=${plain(value)}`);
  return [
    ...(summary.keysFrom === 'file'
      ? [`Key ${keys} came with the file. Compare it with "daam audit keys", or give it with --key.`]
      : [`Signed by ${keys}.`]),
    ...(filter.length === 0 ? [] : [`Only ${filter.join(', ')}: what the filter left out is not proved.`]),
    ...(summary.unseenCheckpoints === 0
      ? []
      : [`${summary.unseenCheckpoints} of the checkpoints belong to records that are not in this file.`]),
  ];
}

/** Names come from the file: no control character of them reaches the terminal. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '');
}
