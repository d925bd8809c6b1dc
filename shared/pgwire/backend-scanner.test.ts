import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import { testRandom } from '../testing/random.ts';
import { randomBytes, randomPieces } from '../testing/random-bytes.ts';
import { BackendScanner } from './backend-scanner.ts';
import { encodeCommandComplete } from './command-complete.ts';
import { encodeDataRow } from './data-row.ts';
import { encodeErrorResponse } from './error-response.ts';
import { backendType } from './message-types.ts';
import { encodeReadyForQuery } from './ready-for-query.ts';
import { encodeRowDescription } from './row-description.ts';

const column = {
  name: 'id',
  tableOid: 16_384,
  columnNumber: 1,
  typeOid: 23,
  typeSize: 4,
  typeModifier: -1,
  format: 0,
};
const description = encodeRowDescription([column]);
const row = encodeDataRow([Buffer.from('1'), null, Buffer.from('some text')]);
const error = encodeErrorResponse({ severity: 'ERROR', code: '22012', message: 'division by zero' });
const tag = encodeCommandComplete({ tag: 'SELECT 3' });
const ready = encodeReadyForQuery('idle');
const messages = [description, row, row, row, tag, error, ready, row];
const stream = Buffer.concat(messages);

interface Item {
  readonly type: number;
  readonly bytes: Buffer;
  readonly completed: number;
}

function scan(chunks: readonly Buffer[], maxCompleted = Number.POSITIVE_INFINITY): Item[] {
  const scanner = new BackendScanner({ maxFrameBytes: 65_536 });
  const items: Item[] = [];
  for (const chunk of chunks) {
    scanner.push(chunk);
    while (scanner.advance(maxCompleted)) {
      const bytes = Buffer.from(scanner.buffer.subarray(scanner.start, scanner.end));
      items.push({ type: scanner.type, bytes, completed: scanner.completed });
    }
  }
  return items;
}

/** What must not depend on where the chunks were cut. */
function essence(items: readonly Item[]): unknown {
  const rows = items.filter((item) => item.type === backendType.dataRow);
  return {
    stream: Buffer.concat(items.map((item) => item.bytes)),
    held: items.filter((item) => item.type !== backendType.dataRow).map((item) => item.bytes),
    rows: rows.reduce((sum, item) => sum + item.completed, 0),
  };
}

const expected = { stream, held: [description, tag, error, ready], rows: 4 };

describe('BackendScanner', () => {
  it('reports consecutive rows as one run and everything else as whole messages', () => {
    const items = scan([stream]);
    expect(items.map((item) => String.fromCharCode(item.type)).join('')).toBe('TDCEZD');
    expect(items.map((item) => item.completed)).toEqual([1, 3, 1, 1, 1, 1]);
    expect(essence(items)).toEqual(expected);
  });

  it('reports views of the chunk', () => {
    const scanner = new BackendScanner({ maxFrameBytes: 65_536 });
    scanner.push(stream);
    while (scanner.advance()) expect(scanner.buffer).toBe(stream);
  });

  it('loses, invents and splits nothing wherever the stream is cut in two', () => {
    for (let at = 0; at <= stream.length; at += 1) {
      expect(essence(scan([stream.subarray(0, at), stream.subarray(at)]))).toEqual(expected);
    }
  });

  it('works byte by byte', () => {
    expect(essence(scan(Array.from(stream, (byte) => Buffer.from([byte]))))).toEqual(expected);
  });

  it('works when cut at random places', () => {
    const random = testRandom(3);
    for (let round = 0; round < 500; round += 1) {
      const chunks = randomPieces(random, stream, 40);
      expect(essence(scan(chunks))).toEqual(expected);
    }
  });

  it('stops a run after as many rows as the caller allows', () => {
    const items = scan([stream], 2);
    expect(items.map((item) => item.completed)).toEqual([1, 2, 1, 1, 1, 1, 1]);
    expect(essence(items)).toEqual(expected);
    const cut = scan(
      [
        stream.subarray(0, description.length + row.length + 7),
        stream.subarray(description.length + row.length + 7),
      ],
      1,
    );
    expect(essence(cut)).toEqual(expected);
    expect(Math.max(...cut.map((item) => item.completed))).toBe(1);
  });

  it('passes a row larger than the ceiling on in pieces, and says that it is inside a frame', () => {
    const big = encodeDataRow([Buffer.alloc(200_000, 0x61)]);
    const scanner = new BackendScanner({ maxFrameBytes: 65_536 });
    let passed = 0;
    for (let at = 0; at < big.length; at += 30_000) {
      scanner.push(big.subarray(at, at + 30_000));
      while (scanner.advance()) passed += scanner.end - scanner.start;
      expect(scanner.midFrame).toBe(at + 30_000 < big.length);
    }
    expect(passed).toBe(big.length);
  });

  it('refuses other messages above their ceiling', () => {
    expect(codeOf(() => scan([Buffer.from([0x5a, 0, 0, 0, 6])]))).toBe('FRAME_TOO_LARGE');
    expect(codeOf(() => scan([Buffer.from([0x45, 0, 1, 0, 0])]))).toBe('FRAME_TOO_LARGE');
    expect(codeOf(() => scan([Buffer.from([0x4b, 0, 0, 1, 9])]))).toBe('FRAME_TOO_LARGE');
  });

  it('refuses impossible lengths of rows, whole or cut', () => {
    for (const length of [0, 3, -1]) {
      const header = Buffer.from([0x44, 0, 0, 0, 0]);
      header.writeInt32BE(length, 1);
      expect(codeOf(() => scan([header]))).toBe('PROTOCOL_VIOLATION');
      expect(codeOf(() => scan([header.subarray(0, 2), header.subarray(2)]))).toBe('PROTOCOL_VIOLATION');
    }
    expect(codeOf(() => scan([Buffer.from([0x44, 0x7f, 0xff, 0xff, 0xff])]))).toBe('FRAME_TOO_LARGE');
  });

  it('refuses types that no server sends', () => {
    expect(codeOf(() => scan([Buffer.from([0x51, 0, 0, 0, 4])]))).toBe('PROTOCOL_VIOLATION');
  });

  it('answers random bytes with items or AppErrors only', () => {
    const random = testRandom(11);
    for (let round = 0; round < 3_000; round += 1) {
      const bytes = Buffer.concat([random.pick(messages), randomBytes(random, random.int(40))]);
      const at = random.int(bytes.length);
      const code = codeOf(() => scan([bytes.subarray(0, at), bytes.subarray(at)]));
      expect([null, 'PROTOCOL_VIOLATION', 'FRAME_TOO_LARGE']).toContain(code);
    }
  });
});
