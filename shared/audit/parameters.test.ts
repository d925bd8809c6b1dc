import { randomBytes, randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import { auditParameter, auditParameters, maxParameters } from './parameters.ts';

function one(value: Buffer | null, { oid = 25, format = 0, isMasked = false } = {}) {
  const { parameters } = auditParameters(
    { parameterFormats: [format], parameters: [value] },
    { types: [oid], isMasked },
  );
  return parameters[0];
}

const int8 = Buffer.alloc(8);
int8.writeBigInt64BE(-5n);

describe('the record of bound values', () => {
  it('has texts as they came, and SQL NULL as that', () => {
    expect(one(Buffer.from('Łódź 🚀'))).toEqual({ oid: 25, state: 'value', value: 'Łódź 🚀' });
    expect(one(Buffer.alloc(0))).toEqual({ oid: 25, state: 'value', value: '' });
    expect(one(null)).toEqual({ oid: 25, state: 'null', value: null });
  });

  it.each([
    [16, Buffer.from([1]), 't'],
    [20, int8, '-5'],
    [21, Buffer.from([0xff, 0xfe]), '-2'],
    [23, Buffer.from([0, 0, 1, 0]), '256'],
    [700, Buffer.from([0x3d, 0xcc, 0xcc, 0xcd]), '0.1'],
    [701, Buffer.from([0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), '1.5'],
    [1043, Buffer.from('text'), 'text'],
    [3802, Buffer.from('\u0001{"a":1}'), '{"a":1}'],
    [2950, Buffer.from('0123456789abcdef0123456789abcdef', 'hex'), '01234567-89ab-cdef-0123-456789abcdef'],
    // The length is not the type's, and the type is not known: bytes.
    [23, Buffer.from([1]), '\\x01'],
    [0, Buffer.from([0xca, 0xfe]), '\\xcafe'],
  ])('reads binary values of type %s', (oid, bytes, value) => {
    expect(one(bytes, { oid, format: 1 })).toEqual({ oid, state: 'value', value });
  });

  it('has nothing of any value where a masked table is concerned, not even whether it is NULL', () => {
    expect(one(Buffer.from('secret'), { isMasked: true })).toEqual({ oid: 25, state: 'masked', value: null });
    expect(one(null, { isMasked: true })).toEqual({ oid: 25, state: 'masked', value: null });
  });

  it('cuts long values between characters, and stops after so much and so many', () => {
    const long = one(Buffer.from('🚀'.repeat(5_000)));
    expect(long?.state).toBe('cut');
    expect(long?.value).toBe('🚀'.repeat(500));
    expect(one(Buffer.from(`a${'🚀'.repeat(5_000)}`))?.value?.isWellFormed()).toBe(true);
    const many = Array.from({ length: 1_000 }, () => Buffer.from('x'));
    const of = (parameters: Buffer[]) =>
      auditParameters({ parameterFormats: [], parameters }, { types: [], isMasked: false });
    expect(of(many).parameters).toHaveLength(maxParameters);
    expect(of(many).omitted).toBe(800);
    const large = of(Array.from({ length: 100 }, () => Buffer.alloc(5_000, 'y')));
    expect(large.parameters.length).toBeLessThan(20);
    expect(large.parameters.length + large.omitted).toBe(100);
  });

  it('shows what is no text as bytes', () => {
    expect(one(Buffer.from('a\0b'))?.value).toBe('\\x610062');
    expect(one(Buffer.from([0xc3, 0x28]))?.value).toBe('\\xc328');
    expect(one(Buffer.from([0x61, 0xc3]))?.value).toBe('\\x61c3');
  });

  it('is always a record that can be hashed, whatever the bytes are', () => {
    const oids = [0, 16, 20, 21, 23, 25, 26, 700, 701, 2950, 3802, 1043, 99_999];
    for (let round = 0; round < 3_000; round += 1) {
      const parameters = Array.from({ length: randomInt(5) }, () => randomBytes(randomInt(0, 40)));
      const parameterFormats = Array.from({ length: randomInt(4) }, () => randomInt(3));
      const types = parameters.map(() => oids[randomInt(oids.length)] ?? 0);
      const { parameters: recorded } = auditParameters(
        { parameterFormats, parameters },
        { types, isMasked: false },
      );
      expect(z.array(auditParameter).safeParse(recorded).success).toBe(true);
      expect(canonicalJson(recorded)).not.toBe('');
    }
  });
});
