import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { formatPattern, matchesSegment, parsePattern } from './pattern.ts';

describe('patterns', () => {
  it('splits into segments and reads quoted ones as SQL does', () => {
    expect(parsePattern('public.customers.email', 3)).toEqual(['public', 'customers', 'email']);
    expect(parsePattern('sales.*', 2)).toEqual(['sales', '*']);
    expect(parsePattern('public."odd.na""me"', 2)).toEqual(['public', 'odd.na"me']);
  });

  it.each([
    ['customers', 2],
    ['a.b.c', 2],
    ['a..c', 3],
    ['', 2],
    ['.', 2],
    ['a."b', 2],
    ['a."b"c', 2],
    ['a.b"c', 2],
    ['a. b', 2],
    [`a.${'x'.repeat(64)}`, 2],
    ['a.b\u0000', 2],
    [`a.${'*'.repeat(500)}`, 2],
  ] as const)('refuses %j as a pattern of %i segments', (text, count) => {
    expect(() => parsePattern(text, count)).toThrow(expect.objectContaining({ code: 'INVALID_POLICY' }));
    expect(() => parsePattern(text, count)).toThrow(AppError);
  });

  it.each([
    ['*', 'anything', true],
    ['*', '', true],
    ['cust*', 'customers', true],
    ['cust*', 'cus', false],
    ['*_mail', 'home_mail', true],
    ['*_mail', 'mail', false],
    ['a*b*c', 'a__b__c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['a*a', 'a', false],
    ['**', 'x', true],
    ['Customers', 'customers', false],
    ['a.c', 'abc', false],
    ['a*c', 'a.b.c', true],
  ])('says whether %j matches the name %j: %s', (pattern, name, expected) => {
    expect(matchesSegment(pattern, name)).toBe(expected);
  });

  it('matches a hostile pattern against a long name in linear time', () => {
    const started = performance.now();
    expect(matchesSegment(`${'a*'.repeat(60)}b`, 'a'.repeat(50_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });

  it('writes segments so that they parse to themselves', () => {
    for (const segments of [
      ['public', 'a.b'],
      ['x', 'q"q'],
      ['sales', '*'],
    ]) {
      expect(parsePattern(formatPattern(segments), 2)).toEqual(segments);
    }
  });
});
