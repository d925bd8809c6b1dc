import { describe, expect, it } from 'vitest';
import { sampleColumn, sampleMask } from '../testing/mask-samples.ts';
import { degradeMask, isConstantMask, maskExpression, maskOutputType } from './presets.ts';
import { maskText } from './presets-reference.ts';

const integerColumn = sampleColumn({
  typeOid: 23,
  typeName: 'pg_catalog.int4',
  baseTypeName: 'pg_catalog.int4',
  typeCategory: 'N',
});

describe('maskText', () => {
  it.each([
    ['email', 'jane@example.com', 'j***@e***.com'],
    ['email', 'jane@example', '***'],
    ['email', 'jane', '***'],
    ['email', 'x@y.z 123', '***'],
    ['phone', '415-555-1234', '***-***-1234'],
    ['phone', '+1 (415) 555-1234', '+* (***) ***-1234'],
    ['phone', '06 12 34 56 78', '** ** ** 56 78'],
    ['phone', '555-12', '***'],
    ['phone', '415-555-CALL', '***'],
    ['ssn', '123-45-6789', '***-**-6789'],
    ['ssn', '123456789', '*****6789'],
    ['ssn', '123-45-678', '***'],
    ['credit_card', '4111-1111-1111-1111', '****-****-****-1111'],
    ['credit_card', '4111', '***'],
    ['name', 'Alice Johnson', 'A*** J***'],
    ['name', '  ', '***'],
    ['null', 'anything', null],
    ['redact', 'anything', '***'],
    ['pseudonym', 'anything', '***'],
  ] as const)('%s of %s is %s', (preset, input, output) => {
    expect(maskText({ preset, prefix: 0, suffix: 0 }, input)).toBe(output);
  });

  it('shows with partial never more than a third of the value', () => {
    expect(maskText({ preset: 'partial', prefix: 3, suffix: 0 }, 'ABC-12345')).toBe('ABC***');
    expect(maskText({ preset: 'partial', prefix: 3, suffix: 0 }, 'ABC-1234')).toBe('***');
    expect(maskText({ preset: 'partial', prefix: 0, suffix: 4 }, '4471')).toBe('***');
    expect(maskText({ preset: 'partial', prefix: -1, suffix: 2 }, 'ABC-12345')).toBe('***');
  });

  it('keeps NULL for presets that read the value', () => {
    for (const preset of ['email', 'phone', 'ssn', 'credit_card', 'name', 'partial'] as const) {
      expect(maskText({ preset, prefix: 1, suffix: 1 }, null)).toBeNull();
    }
  });
});

describe('maskExpression', () => {
  it('does not mention the column in constant masks', () => {
    for (const preset of ['null', 'redact', 'pseudonym'] as const) {
      expect(maskExpression(sampleMask(preset), sampleColumn(), '"t"."email"')).not.toContain('email');
    }
  });

  it('types a redacted column that is not text as NULL of its own type, and as text when the policy says so', () => {
    expect(maskExpression(sampleMask('redact'), integerColumn, 'x')).toBe('NULL::pg_catalog.int4');
    expect(maskExpression(sampleMask('redact', { as: 'text' }), integerColumn, 'x')).toBe(
      "'***'::pg_catalog.text",
    );
  });

  it('gives value presets on other types the type text', () => {
    expect(maskOutputType(sampleMask('phone'), integerColumn)).toBe('pg_catalog.text');
    expect(maskOutputType(sampleMask('phone'), sampleColumn({ baseTypeName: 'pg_catalog.varchar' }))).toBe(
      'pg_catalog.varchar',
    );
    expect(maskOutputType(sampleMask('email'), sampleColumn({ baseTypeName: 'public.citext' }))).toBe(
      'pg_catalog.text',
    );
  });

  it('names pg_catalog for every function and operator', () => {
    for (const preset of ['email', 'phone', 'ssn', 'credit_card', 'name', 'partial'] as const) {
      const sql = maskExpression(sampleMask(preset, { prefix: 1, suffix: 1 }), sampleColumn(), 'x');
      const code = sql.replaceAll(/'(?:[^']|'')*'/g, 'S').replaceAll(/OPERATOR\(pg_catalog\.[^)]+\)/g, 'O');
      expect(code.match(/[a-z_.]+(?=\()/g)?.filter((name) => !name.startsWith('pg_catalog.'))).toEqual([]);
      expect(code).not.toMatch(/[=<>~!|+*/%]/);
      expect(code).not.toMatch(/\b(IN|BETWEEN|LIKE|NULLIF|SIMILAR)\b/i);
    }
  });
});

describe('degradeMask', () => {
  it('turns a value preset into a constant of the same type', () => {
    const degraded = degradeMask(sampleMask('phone', { matchEquality: true }));
    expect(isConstantMask(degraded)).toBe(true);
    expect(degraded.matchEquality).toBe(false);
    expect(maskOutputType(degraded, integerColumn)).toBe(maskOutputType(sampleMask('phone'), integerColumn));
    expect(maskExpression(degraded, integerColumn, 'x')).toBe("'***'::pg_catalog.text");
  });

  it('keeps null as null', () => {
    expect(degradeMask(sampleMask('null')).preset).toBe('null');
  });
});
