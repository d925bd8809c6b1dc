import { describe, expect, it } from 'vitest';
import { bytes, cstring } from '../testing/byte-builder.ts';
import { codeOf } from '../testing/code-of.ts';
import { decodeErrorResponse, encodeErrorResponse } from './error-response.ts';
import { decodeNoticeResponse, encodeNoticeResponse } from './notice-response.ts';
import { conditionName, knownSqlstates } from './sqlstate.ts';

const all = {
  severity: 'ERROR',
  code: '23505',
  message: 'message',
  detail: 'detail',
  hint: 'hint',
  where: 'where',
  schema: 'schema',
  table: 'table',
  column: 'column',
  dataType: 'data type',
  constraint: 'constraint',
  position: '1',
  internalPosition: '2',
  internalQuery: 'query',
  file: 'file',
  line: 'line',
  routine: 'routine',
};

describe('ErrorResponse', () => {
  it('carries every field there and back', () => {
    expect(decodeErrorResponse(encodeErrorResponse(all).subarray(5))).toEqual(all);
    expect(encodeErrorResponse(all)[0]).toBe(0x45);
  });

  it('has no field that was not given', () => {
    const message = { severity: 'FATAL', code: '57P01', message: 'policy revoked' };
    const frame = encodeErrorResponse(message);
    expect(frame.toString('latin1', 5)).toBe('SFATAL\0VFATAL\0C57P01\0Mpolicy revoked\0\0');
    expect(decodeErrorResponse(frame.subarray(5))).toEqual(message);
  });

  it('prefers the severity that is not localized', () => {
    const body = bytes(
      'S',
      cstring('FEHLER'),
      'V',
      cstring('ERROR'),
      'C',
      cstring('22012'),
      'M',
      cstring('x'),
      0,
    );
    expect(decodeErrorResponse(body).severity).toBe('ERROR');
    expect(decodeErrorResponse(bytes('S', cstring('FEHLER'), 0)).severity).toBe('FEHLER');
  });

  it.each(['', '4250', '42501x', '4250\u00e9', 'abcde'])('puts XX000 in place of the SQLSTATE %j', (code) => {
    expect(decodeErrorResponse(bytes('C', cstring(code), 0)).code).toBe('XX000');
  });

  it('puts XX000 and an empty message where a server sends nothing', () => {
    expect(decodeErrorResponse(bytes(0))).toEqual({ severity: 'ERROR', code: 'XX000', message: '' });
  });

  it('drops fields with unknown letters', () => {
    expect(decodeErrorResponse(bytes('C', cstring('22012'), 'Z', cstring('secret'), 0))).not.toHaveProperty(
      'Z',
    );
    expect(JSON.stringify(decodeErrorResponse(bytes('Z', cstring('secret'), 0)))).not.toContain('secret');
  });

  it('is refused with a letter twice, without a terminator, or with bytes behind it', () => {
    expect(codeOf(() => decodeErrorResponse(bytes('M', cstring('a'), 'M', cstring('b'), 0)))).toBe(
      'PROTOCOL_VIOLATION',
    );
    expect(codeOf(() => decodeErrorResponse(bytes('M', cstring('a'))))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(() => decodeErrorResponse(bytes('M', cstring('a'), 0, 0)))).toBe('PROTOCOL_VIOLATION');
  });

  it('is refused with more fields than there are', () => {
    const fields = Array.from({ length: 65 }, (_, i) => bytes(i + 1, cstring('x')));
    expect(codeOf(() => decodeErrorResponse(bytes(...fields, 0)))).toBe('PROTOCOL_VIOLATION');
  });

  it('reads a message in another encoding as well as it can', () => {
    const body = bytes('C', cstring('28P01'), 'M', 0x66, 0xfc, 0x72, 0, 0);
    expect(decodeErrorResponse(body).message).toBe('f\uFFFDr');
  });

  it('never lets a zero byte end a text early', () => {
    const frame = encodeErrorResponse({ severity: 'ERROR', code: '42501', message: 'a\0Hb' });
    expect(decodeErrorResponse(frame.subarray(5)).message).toBe('a\uFFFDHb');
  });
});

describe('NoticeResponse', () => {
  it('differs in its type byte alone', () => {
    expect(encodeNoticeResponse(all)[0]).toBe(0x4e);
    expect(encodeNoticeResponse(all).subarray(1)).toEqual(encodeErrorResponse(all).subarray(1));
    expect(decodeNoticeResponse(encodeNoticeResponse(all).subarray(5))).toEqual(all);
  });
});

describe('conditionName', () => {
  it.each([
    ['00000', 'successful_completion'],
    ['22012', 'division_by_zero'],
    ['23505', 'unique_violation'],
    ['2200E', null],
    ['2201E', 'invalid_argument_for_logarithm'],
    ['22023', 'invalid_parameter_value'],
    ['42501', 'insufficient_privilege'],
    ['40P01', 'deadlock_detected'],
    ['57P05', 'idle_session_timeout'],
    ['XX000', 'internal_error'],
    ['99999', null],
    ['constructor', null],
    ['', null],
  ])('of %j is %j', (code, name) => {
    expect(conditionName(code)).toBe(name);
  });

  it('knows all of Appendix A', () => {
    expect(knownSqlstates().length).toBe(262);
    expect(knownSqlstates().every((code) => /^[0-9A-Z]{5}$/.test(code))).toBe(true);
  });
});
