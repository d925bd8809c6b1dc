import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readJsonBody } from './body.ts';

function request(
  chunks: readonly (string | Buffer)[],
  headers: Record<string, string> = {},
): IncomingMessage {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return Object.assign(stream, {
    headers: { 'content-type': 'application/json', ...headers },
  }) as unknown as IncomingMessage;
}

describe('readJsonBody', () => {
  it('reads JSON that comes in pieces', async () => {
    expect(await readJsonBody(request(['{"a"', ':[1,2', ']}']), 100)).toEqual({ a: [1, 2] });
  });

  it('refuses a body whose announced length is too large before reading it', async () => {
    await expect(readJsonBody(request(['{}'], { 'content-length': '101' }), 100)).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('refuses a body that turns out to be too large', async () => {
    await expect(readJsonBody(request(['"', 'x'.repeat(200), '"']), 100)).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it.each([
    ['another media type', request(['{}'], { 'content-type': 'text/plain' })],
    ['a compressed body', request(['{}'], { 'content-encoding': 'gzip' })],
    ['bad JSON', request(['{'])],
    ['bad UTF-8', request([Buffer.from([0x22, 0xff, 0x22])])],
    ['deep nesting', request(['['.repeat(5000), ']'.repeat(5000)])],
  ])('refuses %s', async (_, incoming) => {
    await expect(readJsonBody(incoming, 100_000)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
