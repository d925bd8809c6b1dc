import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import {
  challengeSchema,
  encodePrefaceLine,
  knockSchema,
  maxPrefaceLine,
  outcomeSchema,
  PrefaceLines,
  parsePrefaceLine,
  proofSchema,
} from './preface.ts';

const key = 'A'.repeat(43);
const knock = { v: 1, certificate: 'a.b.c', grant: null, database: 'shop' } as const;

describe('preface lines', () => {
  it('cut a stream at every byte boundary into the same messages and leave the rest untouched', () => {
    const postgres = Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);
    const wire = Buffer.concat([encodePrefaceLine(knock), encodePrefaceLine({ proof: key }), postgres]);
    for (let cut = 0; cut <= wire.length; cut += 1) {
      const lines = new PrefaceLines();
      const taken: string[] = [];
      for (const part of [wire.subarray(0, cut), wire.subarray(cut)]) {
        lines.push(part);
        while (taken.length < 2) {
          const line = lines.next();
          if (line === null) break;
          taken.push(line);
        }
      }
      expect(taken.map((line) => JSON.parse(line) as unknown)).toEqual([knock, { proof: key }]);
      expect(lines.rest()).toEqual(postgres);
    }
  });

  it('refuse a line at the ceiling, with or without its end', () => {
    for (const tail of ['', '\n']) {
      const lines = new PrefaceLines();
      lines.push(Buffer.from('x'.repeat(maxPrefaceLine) + tail));
      expect(() => lines.next()).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LARGE' }) as Error);
    }
  });

  it('take a line just below the ceiling', () => {
    const lines = new PrefaceLines();
    lines.push(Buffer.from(`${'x'.repeat(maxPrefaceLine - 1)}\n`));
    expect(lines.next()).toHaveLength(maxPrefaceLine - 1);
  });
});

describe('preface messages', () => {
  it.each([
    [knockSchema, { ...knock, v: 2 }],
    [knockSchema, { ...knock, extra: 1 }],
    [knockSchema, { ...knock, certificate: 'a.b' }],
    [knockSchema, { ...knock, certificate: `a.b.${'c'.repeat(7_000)}` }],
    [knockSchema, { v: 1, certificate: 'a.b.c', database: 'shop' }],
    [knockSchema, { ...knock, database: '' }],
    [challengeSchema, { v: 1, nonce: key, agentKey: key.slice(1) }],
    [proofSchema, { proof: '=' }],
    [outcomeSchema, { ok: false, code: 'lower', message: '', hint: null }],
    [outcomeSchema, { ok: 'yes' }],
  ])('refuse what does not fit the schema (%#)', (schema, value) => {
    expect(() => parsePrefaceLine<unknown>(schema, JSON.stringify(value))).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }) as Error,
    );
  });

  it('never throw anything but an AppError, whatever the line is', () => {
    let seed = 7;
    const next = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
    for (let round = 0; round < 2_000; round += 1) {
      const line = String.fromCodePoint(...Array.from({ length: next() % 40 }, () => next() % 0x300));
      expect(() => parsePrefaceLine<unknown>(knockSchema, line)).toThrow(AppError);
    }
  });
});
