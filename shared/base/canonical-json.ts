/**
 * One text for one value: JSON with members sorted by UTF-16 code units, no white space, numbers and
 * strings as ECMAScript writes them (RFC 8785, JSON Canonicalization Scheme). Members that are
 * `undefined` are left out, as JSON.stringify does. Lone surrogates, numbers that are not finite, and
 * values that JSON does not know throw a TypeError: there would be no one text for them.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value);
  throw new TypeError(`${typeof value} is not JSON`);
}

/** A JSON string. Everything that JSON.stringify escapes, and nothing else, is escaped (RFC 8785, 3.2.2.2). */
export function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate is not JSON');
  return JSON.stringify(text);
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('a number that is not finite is not JSON');
  return JSON.stringify(value);
}

function canonicalObject(value: object): string {
  const members = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member !== undefined) parts.push(`${canonicalString(key)}:${canonicalJson(member)}`);
  }
  return `{${parts.join(',')}}`;
}
