import { AppError } from '../errors/app-error.ts';

/**
 * An SQL identifier, always in double quotes, so that no keyword list and no case folding matter
 * (PostgreSQL docs 4.1.1). NUL cannot be part of one and throws INVALID_INPUT.
 */
export function quoteIdentifier(name: string): string {
  refuseNul(name);
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`. */
export function quoteQualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * An SQL string constant for a server with standard_conforming_strings on (the agent pins it):
 * a backslash is an ordinary character (PostgreSQL docs 4.1.2.1). NUL throws INVALID_INPUT.
 */
export function quoteLiteral(value: string): string {
  refuseNul(value);
  return `'${value.replaceAll("'", "''")}'`;
}

function refuseNul(text: string): void {
  if (text.includes('\u0000'))
    throw new AppError('INVALID_INPUT', { message: 'A name or text holds a NUL character.' });
}
