import { describe, expect, it } from 'vitest';
import { generateMaskValues, sampleColumn, sampleMask } from '../testing/mask-samples.ts';
import { hasMaskShape, showsNull } from './mask-shape.ts';
import { maskText } from './presets-reference.ts';

const masks = [
  ...(['email', 'phone', 'ssn', 'credit_card', 'name', 'redact'] as const).map((preset) =>
    sampleMask(preset),
  ),
  sampleMask('partial', { prefix: 3 }),
  sampleMask('partial', { suffix: 2 }),
  sampleMask('partial', { prefix: 1, suffix: 1 }),
];

describe('the shape of a mask', () => {
  it.each(masks)('$preset $prefix $suffix: every mask has it', (mask) => {
    const shown = generateMaskValues(7, 8_000).flatMap((value) => maskText(mask, value) ?? []);
    expect(shown.filter((text) => !hasMaskShape(mask, text))).toEqual([]);
    // char(n) pads it
    expect(hasMaskShape(mask, '***   ')).toBe(true);
  });

  it.each([
    ['email', 'jane@example.com'],
    ['phone', '415-555-1234'],
    ['ssn', '123-45-6789'],
    ['credit_card', '4111-1111-1111-1111'],
    ['name', 'Alice Johnson'],
    ['redact', 'anything'],
    ['partial', 'ABC-12345'],
    ['pseudonym', 'jane@example.com'],
  ] as const)('%s: an ordinary value has not', (preset, value) => {
    expect(hasMaskShape(sampleMask(preset, { prefix: 3 }), value)).toBe(false);
  });
});

describe('columns that show NULL', () => {
  const number = sampleColumn({ baseTypeName: 'pg_catalog.numeric', typeCategory: 'N' });
  it.each([
    ['null', sampleColumn(), true],
    ['null', number, true],
    ['redact', number, true],
    ['redact', sampleColumn(), false],
    ['email', sampleColumn(), false],
  ] as const)('%s', (preset, column, expected) => {
    expect(showsNull(sampleMask(preset), column)).toBe(expected);
  });
});
