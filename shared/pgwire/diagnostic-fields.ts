import { AppError } from '../errors/app-error.ts';
import { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** The fields of ErrorResponse and NoticeResponse (docs 55.8). `severity`, `code` and `message` are always there. */
export interface DiagnosticFields {
  /** ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO or LOG; never localized. */
  readonly severity: string;
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** 1-based character position in the statement that the client sent. */
  readonly position?: string;
  readonly internalPosition?: string;
  readonly internalQuery?: string;
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly dataType?: string;
  readonly constraint?: string;
  readonly file?: string;
  readonly line?: string;
  readonly routine?: string;
}

type OptionalField = Exclude<keyof DiagnosticFields, 'severity' | 'code' | 'message'>;

const optionalFields: readonly (readonly [string, OptionalField])[] = [
  ['D', 'detail'],
  ['H', 'hint'],
  ['W', 'where'],
  ['s', 'schema'],
  ['t', 'table'],
  ['c', 'column'],
  ['d', 'dataType'],
  ['n', 'constraint'],
  ['P', 'position'],
  ['p', 'internalPosition'],
  ['q', 'internalQuery'],
  ['F', 'file'],
  ['L', 'line'],
  ['R', 'routine'],
];

/** More fields than the protocol knows letters: a server that sends them means harm. */
const maxFields = 64;

/**
 * Reads the fields. Unknown letters are dropped, as the protocol asks. A missing or malformed SQLSTATE becomes
 * XX000, so that nothing behind depends on the server's goodwill. PROTOCOL_VIOLATION for a malformed body, a letter
 * that comes twice, or more than 64 fields.
 */
export function decodeDiagnosticFields(body: Buffer): DiagnosticFields {
  const reader = new ByteReader(body);
  const byLetter = new Map<string, string>();
  for (let letter = reader.uint8(); letter !== 0; letter = reader.uint8()) {
    const key = String.fromCharCode(letter);
    if (byLetter.has(key) || byLetter.size >= maxFields) {
      throw new AppError('PROTOCOL_VIOLATION', { detail: `diagnostic field ${letter} comes once too often` });
    }
    byLetter.set(key, reader.lenientCstring());
  }
  reader.end();
  const code = byLetter.get('C') ?? '';
  const optional: { -readonly [Field in OptionalField]?: string } = {};
  for (const [letter, field] of optionalFields) {
    const value = byLetter.get(letter);
    if (value !== undefined) optional[field] = value;
  }
  return {
    severity: byLetter.get('V') ?? byLetter.get('S') ?? 'ERROR',
    code: /^[0-9A-Z]{5}$/.test(code) ? code : 'XX000',
    message: byLetter.get('M') ?? '',
    ...optional,
  };
}

/** Writes the fields in the server's order and the terminator. Zero bytes in a text become U+FFFD. */
export function writeDiagnosticFields(writer: ByteWriter, fields: DiagnosticFields): ByteWriter {
  const write = (letter: string, value: string): void => {
    writer.uint8(letter.charCodeAt(0)).cstring(value.replaceAll('\0', '\uFFFD'));
  };
  write('S', fields.severity);
  write('V', fields.severity);
  write('C', fields.code);
  write('M', fields.message);
  for (const [letter, field] of optionalFields) {
    const value = fields[field];
    if (value !== undefined) write(letter, value);
  }
  return writer.uint8(0);
}
