import { describe, expect, it } from 'vitest';
import { bytes, cstring, int16, int32 } from '../testing/byte-builder.ts';
import { codeOf } from '../testing/code-of.ts';
import { codecs } from '../testing/pgwire-codecs.ts';
import { decodeAuthentication, encodeAuthentication } from './authentication.ts';
import { encodeBackendKeyData } from './backend-key-data.ts';
import { decodeBind, decodeBindNames, encodeBind } from './bind.ts';
import { ByteWriter } from './byte-writer.ts';
import { decodeCommandComplete, encodeCommandComplete, parseCommandTag } from './command-complete.ts';
import { decodeCopyInResponse } from './copy-in-response.ts';
import { decodeDescribe } from './describe.ts';
import { decodeExecute, encodeExecute } from './execute.ts';
import { backendType, frontendType, messageName } from './message-types.ts';
import { decodeParse, encodeParse } from './parse.ts';
import { decodePasswordMessage, encodePasswordMessage } from './password-message.ts';
import { decodeQuery } from './query.ts';
import { decodeReadyForQuery } from './ready-for-query.ts';
import { encodeRowDescription, hasColumnFrom } from './row-description.ts';
import { decodeSaslInitialResponse, encodeSaslInitialResponse } from './sasl-initial-response.ts';

describe('every message type', () => {
  it('has a name and a codec', () => {
    for (const type of Object.values(frontendType)) expect(codecs.frontend.has(type)).toBe(true);
    for (const type of Object.values(backendType)) expect(codecs.backend.has(type)).toBe(true);
    expect(messageName('frontend', frontendType.parse)).toBe('parse');
    expect(messageName('backend', backendType.parseComplete)).toBe('parseComplete');
    expect(messageName('frontend', backendType.readyForQuery)).toBeNull();
  });
});

describe('texts', () => {
  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point above the last', [0xf4, 0x90, 0x80, 0x80]],
    ['a character that is cut', [0xe2, 0x82]],
  ])('are refused as a statement when they hold %s', (_what, raw) => {
    expect(codeOf(() => decodeQuery(bytes('select ', Buffer.from(raw), 0)))).toBe('INVALID_ENCODING');
  });

  it('keep a byte order mark and all that is UTF-8', () => {
    const sql = "\uFEFFselect 'ü€😀'";
    expect(decodeQuery(cstring(sql)).sql).toBe(sql);
  });

  it('end at the first zero byte, and nothing may follow', () => {
    expect(codeOf(() => decodeQuery(Buffer.from('select 1\0select 2\0')))).toBe('PROTOCOL_VIOLATION');
  });

  it('with a zero byte inside are never written', () => {
    expect(codeOf(() => encodeParse({ name: 'a\0b', sql: '', parameterTypes: [] }))).toBe('INVALID_INPUT');
  });
});

describe('Parse', () => {
  it('keeps type OIDs above 2^31', () => {
    const message = { name: '', sql: 'select $1', parameterTypes: [0, 4_294_967_295] };
    expect(decodeParse(encodeParse(message).subarray(5))).toEqual(message);
  });

  it('may have as many parameters as the protocol can count', () => {
    const message = { name: '', sql: '', parameterTypes: Array.from({ length: 65_535 }, () => 23) };
    expect(decodeParse(encodeParse(message).subarray(5)).parameterTypes.length).toBe(65_535);
    expect(codeOf(() => encodeParse({ ...message, parameterTypes: [...message.parameterTypes, 23] }))).toBe(
      'TOO_LARGE',
    );
  });
});

describe('Bind', () => {
  const message = {
    portal: 'p',
    statement: 's',
    parameterFormats: [0, 1],
    parameters: [Buffer.from('text'), null, Buffer.alloc(0)],
    resultFormats: [1],
  };

  it('tells NULL from an empty value', () => {
    expect(decodeBind(encodeBind(message).subarray(5))).toEqual(message);
  });

  it('gives its names without its values being read', () => {
    expect(decodeBindNames(encodeBind(message).subarray(5))).toEqual({ portal: 'p', statement: 's' });
    expect(decodeBindNames(bytes(cstring('p'), cstring('s')))).toEqual({ portal: 'p', statement: 's' });
  });

  it.each([-2, -2_147_483_648, 5, 0x7fff_ffff])('is refused when a value has the length %i', (length) => {
    const body = bytes(0, 0, int16(0), int16(1), int32(length), 'abcd', int16(0));
    expect(codeOf(() => decodeBind(body))).toBe('PROTOCOL_VIOLATION');
  });

  it('is refused when it counts more values than it holds', () => {
    expect(codeOf(() => decodeBind(bytes(0, 0, int16(0), int16(-1), int16(0))))).toBe('PROTOCOL_VIOLATION');
  });
});

describe('Describe and Close', () => {
  it.each([0, 0x73, 0x70, 0x41])('are refused for the target byte %i', (byte) => {
    expect(codeOf(() => decodeDescribe(bytes(byte, cstring('x'))))).toBe('PROTOCOL_VIOLATION');
  });
});

describe('Execute', () => {
  it('keeps a negative row limit, which means no limit', () => {
    expect(decodeExecute(encodeExecute({ portal: '', maxRows: -1 }).subarray(5)).maxRows).toBe(-1);
  });
});

describe('CommandComplete', () => {
  it.each([
    ['SELECT 5', 'SELECT', 5],
    ['INSERT 0 1', 'INSERT', 1],
    ['INSERT 16400 1', 'INSERT', 1],
    ['COPY 12', 'COPY', 12],
    ['MERGE 0', 'MERGE', 0],
    ['CREATE TABLE', 'CREATE TABLE', null],
    ['BEGIN', 'BEGIN', null],
    ['', '', null],
  ])('%j is %j with %j rows', (tag, command, rows) => {
    expect(parseCommandTag(tag)).toEqual({ tag, command, rows });
    expect(decodeCommandComplete(encodeCommandComplete({ tag }).subarray(5))).toEqual({ tag, command, rows });
  });

  it('is parsed in linear time', () => {
    expect(parseCommandTag(`${' 1'.repeat(500)}x`).rows).toBeNull();
  });
});

describe('ReadyForQuery', () => {
  it.each([0, 0x69, 0x58])('is refused with the status byte %i', (byte) => {
    expect(codeOf(() => decodeReadyForQuery(bytes(byte)))).toBe('PROTOCOL_VIOLATION');
  });
});

describe('hasColumnFrom', () => {
  const base = { typeOid: 25, typeSize: -1, typeModifier: -1, format: 0 };
  const body = encodeRowDescription([
    { ...base, name: 'computed', tableOid: 0, columnNumber: 0 },
    { ...base, name: 'ctid', tableOid: 16_384, columnNumber: -1 },
    { ...base, name: 'email', tableOid: 4_000_000_000, columnNumber: 3 },
  ]).subarray(5);

  it('finds a column by its table and number', () => {
    expect(hasColumnFrom(body, (oid, column) => oid === 4_000_000_000 && column === 3)).toBe(true);
    expect(hasColumnFrom(body, (oid, column) => oid === 16_384 && column === -1)).toBe(true);
    expect(hasColumnFrom(body, (oid, column) => oid === 16_384 && column === 3)).toBe(false);
  });

  it('asks about table columns only', () => {
    const asked: number[] = [];
    hasColumnFrom(body, (oid) => asked.push(oid) === 0);
    expect(asked).toEqual([16_384, 4_000_000_000]);
  });

  it('is refused when malformed, also behind a column that matched', () => {
    for (let length = 0; length < body.length; length += 1) {
      expect(codeOf(() => hasColumnFrom(body.subarray(0, length), () => true))).toBe('PROTOCOL_VIOLATION');
    }
  });
});

describe('Authentication', () => {
  it.each([
    { kind: 'ok' },
    { kind: 'cleartext-password' },
    { kind: 'md5-password', salt: Buffer.from([1, 2, 3, 4]) },
    { kind: 'gss' },
    { kind: 'gss-continue', data: Buffer.from('x') },
    { kind: 'sspi' },
    { kind: 'sasl', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] },
    { kind: 'sasl-continue', data: Buffer.from('r=x') },
    { kind: 'sasl-final', data: Buffer.from('v=x') },
  ] as const)('$kind survives a round trip', (message) => {
    expect(decodeAuthentication(encodeAuthentication(message).subarray(5))).toEqual(message);
  });

  it.each([1, 2, 4, 6, 13, -1])('of the unknown kind %i is refused', (code) => {
    expect(codeOf(() => decodeAuthentication(int32(code)))).toBe('PROTOCOL_VIOLATION');
  });

  it('is refused when it offers mechanisms without end', () => {
    const names = Array.from({ length: 17 }, () => cstring('X'));
    expect(codeOf(() => decodeAuthentication(bytes(int32(10), ...names, 0)))).toBe('PROTOCOL_VIOLATION');
  });
});

describe('PasswordMessage and SASLInitialResponse', () => {
  it('keep a password in a type that does not print', () => {
    const password = decodePasswordMessage(cstring('hunter2'));
    expect(JSON.stringify({ password })).not.toContain('hunter2');
    expect(encodePasswordMessage(password).subarray(5)).toEqual(cstring('hunter2'));
  });

  it('tell a missing first message from an empty one', () => {
    for (const data of [null, Buffer.alloc(0), Buffer.from('n,,')]) {
      const message = { mechanism: 'SCRAM-SHA-256', data };
      expect(decodeSaslInitialResponse(encodeSaslInitialResponse(message).subarray(5))).toEqual(message);
    }
  });
});

describe('BackendKeyData and CopyInResponse', () => {
  it('are refused with a key or a format that cannot be', () => {
    expect(codeOf(() => encodeBackendKeyData({ pid: 1, secret: Buffer.alloc(3) }))).toBe(
      'PROTOCOL_VIOLATION',
    );
    expect(codeOf(() => decodeCopyInResponse(bytes(2, int16(0))))).toBe('PROTOCOL_VIOLATION');
  });
});

describe('ByteWriter', () => {
  it('writes a length that counts all but the type byte, however often it grew', () => {
    for (const size of [0, 1, 122, 123, 124, 5_000, 1_000_000]) {
      const frame = new ByteWriter(frontendType.copyData).bytes(Buffer.alloc(size, 1)).finish();
      expect(frame.length).toBe(size + 5);
      expect(frame.readInt32BE(1)).toBe(size + 4);
    }
  });
});
