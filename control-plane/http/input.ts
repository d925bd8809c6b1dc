import { AppError } from '@daam/shared/errors/app-error';
import type { z } from 'zod';

/**
 * Parses a part of a request; INVALID_INPUT names the field as `body.members[0].email`. The character NUL is
 * refused wherever it stands, because PostgreSQL cannot store it, except in audit records: these are stored
 * as the JSON that was hashed, where it is an escape.
 */
export function parsePart(
  part: 'params' | 'query' | 'body' | 'audit',
  schema: z.ZodType | undefined,
  value: unknown,
): unknown {
  if (schema === undefined) return null;
  const result = schema.safeParse(value);
  if (result.success) {
    if (part !== 'audit') refuseNul(result.data, part);
    return result.data;
  }
  const issue = result.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : null;
  const path = [...(issue?.path ?? []), ...(unknown === null ? [] : [unknown])];
  const field = fieldOf(part === 'audit' ? 'body' : part, path);
  const reason = unknown === null ? (issue?.message ?? 'is not valid') : 'is not a known field';
  throw new AppError('INVALID_INPUT', { field, message: `${field}: ${reason}` });
}

function fieldOf(part: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key).slice(0, 100)}`),
    part,
  );
}

function refuseNul(value: unknown, field: string): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) {
      throw new AppError('INVALID_INPUT', { field, message: `${field}: has the character NUL` });
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value))
      refuseNul(child, Array.isArray(value) ? `${field}[${key}]` : `${field}.${key}`);
  }
}
