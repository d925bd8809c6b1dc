import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parsePart } from './input.ts';

const schema = z.strictObject({ users: z.array(z.strictObject({ name: z.string() })) });

function failureOf(value: unknown): unknown {
  try {
    return parsePart('body', schema, value);
  } catch (error) {
    return error;
  }
}

describe('parsePart', () => {
  it('names the path of what is wrong', () => {
    expect(failureOf({ users: [{ name: 'a' }, { name: 1 }] })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'body.users[1].name',
    });
  });

  it('names an unknown field', () => {
    expect(failureOf({ users: [{ name: 'a', admin: true }] })).toMatchObject({
      field: 'body.users[0].admin',
    });
  });

  it('refuses the character NUL, which PostgreSQL cannot store', () => {
    expect(failureOf({ users: [{ name: 'a\u0000' }] })).toMatchObject({ field: 'body.users[0].name' });
  });

  it('gives null for a part that the route does not have', () => {
    expect(parsePart('query', undefined, { a: 1 })).toBeNull();
  });
});
