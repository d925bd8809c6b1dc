import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { quoteIdentifier, quoteLiteral, quoteQualified } from './quote.ts';

describe('quote', () => {
  it('doubles the quotes inside identifiers and literals', () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(quoteLiteral("it's")).toBe("'it''s'");
    expect(quoteQualified('public', 'Order "x"')).toBe('"public"."Order ""x"""');
  });

  it('leaves a backslash alone, because standard_conforming_strings is on', () => {
    expect(quoteLiteral('a\\')).toBe("'a\\'");
  });

  it('refuses NUL', () => {
    expect(() => quoteIdentifier('a\u0000')).toThrow(AppError);
    expect(() => quoteLiteral('\u0000')).toThrow(AppError);
  });
});
