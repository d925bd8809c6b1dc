import { AppError } from '../errors/app-error.ts';

/**
 * Names with wildcards, as policies write them: `public.customers`, `sales.*`, `public.customers.*_mail`.
 * A `*` stands for any run of characters within its segment, never for a dot. Identifiers are compared
 * as PostgreSQL stores them: `Customers` matches only a table that was made as "Customers". A segment
 * that holds a dot or a quote is written quoted, as in SQL: `public."odd.name"`.
 */

/** Bytes of a stored identifier: NAMEDATALEN - 1 (PostgreSQL docs, 4.1.1). */
export const maxIdentifierBytes = 63;

const maxPatternLength = 400;

const utf8 = new TextEncoder();

/** Splits a pattern into exactly `count` segments; throws INVALID_POLICY with the reason. */
export function parsePattern(text: string, count: 1 | 2 | 3): readonly string[] {
  const segments = splitSegments(text);
  if (segments.length !== count) {
    const shapes = { 1: 'name', 2: 'schema.table', 3: 'schema.table.column' };
    throw invalid(`must be written as ${shapes[count]}`);
  }
  segments.forEach(checkSegment);
  return segments;
}

/** Whether a stored identifier matches one segment of a pattern. Linear in the lengths: no backtracking. */
export function matchesSegment(pattern: string, name: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return first === name;
  const last = pieces[pieces.length - 1] ?? '';
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  let from = first.length;
  const end = name.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, from);
    if (found < 0 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}

/** True for a segment that stands for one name only. */
export function isLiteralSegment(pattern: string): boolean {
  return !pattern.includes('*');
}

/** Whether a rule's `schema`.`table` patterns match a table. */
export function matchesTable(
  rule: { readonly schema: string; readonly table: string },
  name: { readonly schema: string; readonly table: string },
): boolean {
  return matchesSegment(rule.schema, name.schema) && matchesSegment(rule.table, name.table);
}

/** The text of segments again; those that would be read otherwise are quoted. */
export function formatPattern(segments: readonly string[]): string {
  return segments
    .map((segment) => (/[."]/.test(segment) ? `"${segment.replaceAll('"', '""')}"` : segment))
    .join('.');
}

function splitSegments(text: string): string[] {
  if (text.length > maxPatternLength) throw invalid('is too long');
  const segments: string[] = [];
  let at = 0;
  for (;;) {
    const { segment, end } = text[at] === '"' ? quotedSegment(text, at) : plainSegment(text, at);
    segments.push(segment);
    if (end === text.length) return segments;
    if (text[end] !== '.') throw invalid('has characters after a closing quote');
    at = end + 1;
  }
}

function plainSegment(text: string, at: number): { segment: string; end: number } {
  const dot = text.indexOf('.', at);
  const end = dot < 0 ? text.length : dot;
  const segment = text.slice(at, end);
  if (segment.includes('"')) throw invalid('has a quote inside a name; quote the whole name');
  return { segment, end };
}

function quotedSegment(text: string, at: number): { segment: string; end: number } {
  let segment = '';
  let from = at + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw invalid('has a quote that is never closed');
    segment += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { segment, end: quote + 1 };
    segment += '"';
    from = quote + 2;
  }
}

function checkSegment(segment: string): void {
  if (segment === '') throw invalid('has an empty name');
  if (hasControlCharacter(segment) || !segment.isWellFormed()) {
    throw invalid('has a character that no name can hold');
  }
  if (segment !== segment.trim()) throw invalid('has white space around a name');
  if (utf8.encode(segment.replaceAll('*', '')).length > maxIdentifierBytes) {
    throw invalid(`has a name longer than ${maxIdentifierBytes} bytes, which PostgreSQL never stores`);
  }
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function invalid(reason: string): AppError {
  return new AppError('INVALID_POLICY', { message: `The pattern ${reason}.` });
}
