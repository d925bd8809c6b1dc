import { createHash } from 'node:crypto';

/**
 * One name for statements that differ in their literals only: the first 16 hexadecimal characters of SHA-256
 * over the text without comments, with `?` for each literal and parameter, lists of them as one, white
 * space as one space, and what is not quoted in lower case. It groups statements for people; nothing is
 * decided by it, so a text that is not SQL has a fingerprint too.
 */
export function statementFingerprint(sql: string): string {
  return createHash('sha256')
    .update(`daam fingerprint v1\n${statementShape(sql)}`)
    .digest('hex')
    .slice(0, 16);
}

/** The text that `statementFingerprint` hashes. */
export function statementShape(sql: string): string {
  const shape = sql
    .replace(pieces, shapeOf)
    .replace(/ {2,}/g, ' ')
    .replace(/ ?; ?$/, '')
    .trim();
  return shape.replace(/\?(?:, ?\?)+/g, '?');
}

/** In this order: comments, quoted things, numbers and parameters, words, white space. No piece can backtrack far. */
const pieces =
  /--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?|(?:\b[eEbBxXnN]|\b[uU]&)?'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|\$\d+|\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\s+/g;

function shapeOf(piece: string): string {
  const first = piece[0] ?? '';
  if (piece.startsWith('--') || piece.startsWith('/*')) return ' ';
  if (first === '"') return piece;
  if (first === '$' || first === "'" || /^(?:[a-zA-Z]|[uU]&)'/.test(piece) || /^\d/.test(piece)) return '?';
  if (/^\s/.test(piece)) return ' ';
  return piece.toLowerCase();
}
