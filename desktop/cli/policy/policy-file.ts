import { readFile, stat } from 'node:fs/promises';
import { maxPolicyText } from '@daam/shared/api/policies';
import { AppError } from '@daam/shared/errors/app-error';
import { parsePolicyText } from '@daam/shared/policy/policy-text';

/** A policy document as a file has it. */
export interface PolicyFile {
  /** The database that it is for. */
  readonly database: string;
  readonly text: string;
}

/** Reads a file, or standard input for `-`. INVALID_INPUT when it cannot be read, INVALID_POLICY with the place of what is wrong. */
export async function readPolicyFile(path: string, stdin: AsyncIterable<unknown>): Promise<PolicyFile> {
  const text = path === '-' ? await readAll(stdin) : await readText(path);
  // Checked here too, so that a mistake is told without a control plane.
  const { database } = parsePolicyText(text);
  return { database, text };
}

async function readText(path: string): Promise<string> {
  try {
    // Characters are at most four bytes.
    if ((await stat(path)).size > maxPolicyText * 4) throw new RangeError('too large');
    return bounded(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new AppError('INVALID_INPUT', {
      field: 'file',
      message: `The file ${path} cannot be read.`,
      cause,
    });
  }
}

async function readAll(stdin: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.byteLength;
    if (size > maxPolicyText * 4) break;
    chunks.push(bytes);
  }
  return bounded(Buffer.concat(chunks).toString('utf8'));
}

function bounded(text: string): string {
  if (text.length <= maxPolicyText) return text;
  throw new AppError('TOO_LARGE', { message: 'The policy document is larger than is allowed.' });
}
