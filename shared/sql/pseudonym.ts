import { createHmac } from 'node:crypto';

/**
 * Pseudonyms: stable tokens, the same for the same value wherever it stands in the organization's databases,
 * computed in the server as HMAC-SHA-256 (RFC 2104) out of functions that every version from 11 on has. The key
 * never stands in the text: the statement takes its two padded forms as Bind parameters.
 */

/** How long a key is, in bytes. */
export const pseudonymKeyBytes = 32;

const blockBytes = 64;

/** The key as HMAC uses it: xored with ipad and with opad. As secret as the key. */
export interface PseudonymPads {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

/** The Bind parameters that bring the pads, as SQL (`$3`). */
export interface PseudonymReferences {
  readonly inner: string;
  readonly outer: string;
}

/** The pads of a key of at most 64 bytes. */
export function pseudonymPads(key: Uint8Array): PseudonymPads {
  const block = Buffer.alloc(blockBytes);
  block.set(key);
  return {
    inner: block.map((byte) => byte ^ 0x36) as Buffer,
    outer: block.map((byte) => byte ^ 0x5c) as Buffer,
  };
}

/** What the key is called: says which key a bundle means, reveals nothing of it. 32 hexadecimal digits. */
export function pseudonymKeyId(key: Uint8Array): string {
  return createHmac('sha256', key).update('daam pseudonym key id v1\n').digest('hex').slice(0, 32);
}

/** The types whose pseudonyms are of the type itself; every other type shows the token as text. */
export type PseudonymType = 'text' | 'uuid' | 'int8';

/** Which kind of token a type gets; `baseTypeName` as in CatalogColumn. */
export function pseudonymType(baseTypeName: string): PseudonymType {
  if (baseTypeName === 'pg_catalog.uuid') return 'uuid';
  return baseTypeName === 'pg_catalog.int8' ? 'int8' : 'text';
}

/**
 * The token as SQL over `value`, a text expression. NULL stays NULL: every function here is strict.
 * - text: `p_` and 32 hexadecimal digits
 * - uuid: 122 bits less two, marked as version 8 (RFC 9562, custom) and variant 10
 * - int8: 60 bits, never negative
 */
export function pseudonymExpression(value: string, type: PseudonymType, key: PseudonymReferences): string {
  const concat = 'OPERATOR(pg_catalog.||)';
  const bytes = `pg_catalog.convert_to(${value}, 'UTF8')`;
  const inner = `pg_catalog.sha256(${key.inner}::pg_catalog.bytea ${concat} ${bytes})`;
  const hex = `pg_catalog.encode(pg_catalog.sha256(${key.outer}::pg_catalog.bytea ${concat} ${inner}), 'hex')`;
  if (type === 'uuid') {
    const marked = `pg_catalog.overlay(pg_catalog.overlay(pg_catalog.left(${hex}, 32), '8', 13), 'a', 17)`;
    return `(${marked})::pg_catalog.uuid`;
  }
  if (type === 'int8')
    return `('x0' ${concat} pg_catalog.left(${hex}, 15))::pg_catalog."bit"(64)::pg_catalog.int8`;
  return `('p_' ${concat} pg_catalog.left(${hex}, 32))`;
}

/** The same in TypeScript, for tests and previews: the token as PostgreSQL prints it. `value` as it prints the value. */
export function pseudonymOf(key: Uint8Array, value: string, type: PseudonymType): string {
  const hex = createHmac('sha256', key).update(value, 'utf8').digest('hex');
  if (type === 'int8') return BigInt(`0x${hex.slice(0, 15)}`).toString();
  if (type === 'text') return `p_${hex.slice(0, 32)}`;
  const marked = `${hex.slice(0, 12)}8${hex.slice(13, 16)}a${hex.slice(17, 32)}`;
  return [0, 8, 12, 16, 20].map((start, index) => marked.slice(start, [8, 12, 16, 20, 32][index])).join('-');
}
