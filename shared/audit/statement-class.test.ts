import { describe, expect, it } from 'vitest';
import { statementClassOf } from './statement-class.ts';

describe('the class of a statement', () => {
  it.each([
    ['SELECT', 'read'],
    ['select', 'read'],
    ['BEGIN; SELECT; UPDATE', 'write'],
    ['CREATE TEMPORARY TABLE', 'schema'],
    ['SET; SHOW', 'session'],
    ['START TRANSACTION', 'session'],
    ['constructor', 'other'],
    ['', 'other'],
    [null, 'other'],
  ])('of %s is %s', (command, expected) => {
    expect(statementClassOf(command)).toBe(expected);
  });
});
