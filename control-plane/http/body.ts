import type { IncomingMessage } from 'node:http';
import { AppError } from '@daam/shared/errors/app-error';

/** Nesting that a JSON body may have. */
const maxDepth = 64;

/**
 * Reads a JSON body, at most `limit` bytes: by its announced length before anything is read, and again
 * while reading. TOO_LARGE, or INVALID_INPUT for another media type, bad UTF-8, bad JSON, or nesting that
 * no honest client sends.
 */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new AppError('INVALID_INPUT', {
      field: 'content-type',
      message: 'Send the body as application/json.',
    });
  }
  if (request.headers['content-encoding'] !== undefined) {
    throw new AppError('INVALID_INPUT', {
      field: 'content-encoding',
      message: 'Send the body uncompressed.',
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const value = parseJson(await readBytes(request, limit));
  if (isDeeperThan(value, maxDepth)) {
    throw new AppError('INVALID_INPUT', { message: 'The body is nested too deeply.' });
  }
  return value;
}

async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new AppError('INVALID_INPUT', { message: 'The body is not JSON.' });
  }
}

/** Level by level, so that the check itself needs no stack. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'object' && item !== null)
        for (const child of Object.values(item)) next.push(child);
    }
    level = next;
  }
  return false;
}

function tooLarge(limit: number): AppError {
  return new AppError('TOO_LARGE', { message: `The body may have at most ${limit} bytes.` });
}
