import { AppError } from '../errors/app-error.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** Every Authentication* message (docs 55.7); they share the type byte R and differ in a code. */
export type Authentication =
  | { readonly kind: 'ok' }
  | { readonly kind: 'cleartext-password' }
  | { readonly kind: 'md5-password'; readonly salt: Buffer }
  | { readonly kind: 'gss' }
  | { readonly kind: 'gss-continue'; readonly data: Buffer }
  | { readonly kind: 'sspi' }
  | { readonly kind: 'sasl'; readonly mechanisms: readonly string[] }
  | { readonly kind: 'sasl-continue'; readonly data: Buffer }
  | { readonly kind: 'sasl-final'; readonly data: Buffer };

type Kind = Authentication['kind'];

const codes: Readonly<Record<Kind, number>> = {
  ok: 0,
  'cleartext-password': 3,
  'md5-password': 5,
  gss: 7,
  'gss-continue': 8,
  sspi: 9,
  sasl: 10,
  'sasl-continue': 11,
  'sasl-final': 12,
};
const kinds = new Map(Object.entries(codes).map(([kind, code]) => [code, kind as Kind]));

const saltBytes = 4;
/** Mechanisms that a server may offer; PostgreSQL 18 has three. */
const maxMechanisms = 16;

/** PROTOCOL_VIOLATION when malformed or of an unknown kind. Buffers are views of the frame. */
export function decodeAuthentication(body: Buffer): Authentication {
  const reader = new ByteReader(body);
  const code = reader.uint32();
  const kind = kinds.get(code);
  if (kind === undefined) throw violation(`authentication request ${code}`);
  const message = readFields(kind, reader);
  reader.end();
  return message;
}

function readFields(kind: Kind, reader: ByteReader): Authentication {
  if (kind === 'md5-password') return { kind, salt: reader.bytes(saltBytes) };
  if (kind === 'sasl') return { kind, mechanisms: readMechanisms(reader) };
  if (kind === 'gss-continue' || kind === 'sasl-continue' || kind === 'sasl-final')
    return { kind, data: reader.rest() };
  return { kind };
}

function readMechanisms(reader: ByteReader): string[] {
  const mechanisms: string[] = [];
  for (let name = reader.cstring(); name !== ''; name = reader.cstring()) {
    if (mechanisms.length >= maxMechanisms) throw violation('too many SASL mechanisms');
    mechanisms.push(name);
  }
  return mechanisms;
}

/** The whole frame. */
export function encodeAuthentication(message: Authentication): Buffer {
  const writer = new ByteWriter(backendType.authentication).uint32(codes[message.kind]);
  if (message.kind === 'md5-password') writer.bytes(message.salt);
  else if (message.kind === 'sasl') {
    for (const mechanism of message.mechanisms) writer.cstring(mechanism);
    writer.uint8(0);
  } else if ('data' in message) writer.bytes(message.data);
  return writer.finish();
}

function violation(detail: string): AppError {
  return new AppError('PROTOCOL_VIOLATION', { detail });
}
