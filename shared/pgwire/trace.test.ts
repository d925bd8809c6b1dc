import { describe, expect, it } from 'vitest';
import { Secret } from '../base/secret.ts';
import { encodeBackendKeyData } from './backend-key-data.ts';
import { encodeBind } from './bind.ts';
import { encodeCancelRequest } from './cancel-request.ts';
import { encodeCopyData } from './copy-data.ts';
import { encodeCopyFail } from './copy-fail.ts';
import { encodeDataRow } from './data-row.ts';
import { encodeErrorResponse } from './error-response.ts';
import type { Side } from './message-types.ts';
import { encodeNotificationResponse } from './notification-response.ts';
import { encodeParse } from './parse.ts';
import { encodePasswordMessage } from './password-message.ts';
import { encodeQuery } from './query.ts';
import { encodeSaslInitialResponse } from './sasl-initial-response.ts';
import { encodeStartup } from './startup.ts';
import { traceFrame, traceStartupPacket } from './trace.ts';

const canary = 'canary-7f3a';
const frame = (bytes: Buffer) => ({ type: bytes[0] ?? 0, bytes, body: bytes.subarray(5) });
const value = Buffer.from(canary);
const bind = { portal: '', statement: '', parameterFormats: [], parameters: [value], resultFormats: [] };

const withValues: readonly (readonly [string, Side, Buffer])[] = [
  ['Query', 'frontend', encodeQuery({ sql: `select '${canary}'` })],
  ['Query of one word', 'frontend', encodeQuery({ sql: canary })],
  ['Parse', 'frontend', encodeParse({ name: '', sql: `select '${canary}'`, parameterTypes: [] })],
  ['Bind', 'frontend', encodeBind(bind)],
  ['CopyData', 'frontend', encodeCopyData(value)],
  ['CopyFail', 'frontend', encodeCopyFail({ reason: canary })],
  ['DataRow', 'backend', encodeDataRow([value])],
  [
    'ErrorResponse',
    'backend',
    encodeErrorResponse({ severity: 'ERROR', code: '22P02', message: canary, detail: canary }),
  ],
  ['NotificationResponse', 'backend', encodeNotificationResponse({ pid: 1, channel: 'c', payload: canary })],
];

const secrets: readonly (readonly [string, Side, Buffer])[] = [
  ['a password', 'frontend', encodePasswordMessage(new Secret(canary))],
  ['a SASL message', 'frontend', encodeSaslInitialResponse({ mechanism: 'SCRAM-SHA-256', data: value })],
  ['a cancel key', 'backend', encodeBackendKeyData({ pid: 1, secret: value })],
];

describe('traceFrame', () => {
  it.each(withValues)('hides the values of %s', (_name, side, bytes) => {
    expect(traceFrame(side, frame(bytes))).not.toContain('canary');
    expect(traceFrame(side, frame(bytes), { showValues: true })).toContain(canary);
  });

  it.each(secrets)('never shows %s', (_name, side, bytes) => {
    for (const showValues of [false, true]) {
      const line = traceFrame(side, frame(bytes), { showValues });
      expect(line).not.toContain('canary');
      expect(line).not.toContain(value.toString('hex'));
    }
  });

  it('names the command of a statement whose text it hides', () => {
    expect(traceFrame('frontend', frame(encodeQuery({ sql: ' select 1' })))).toBe(
      'F Query sql=SELECT <9 bytes>',
    );
  });

  it('says that a message is malformed', () => {
    const bytes = Buffer.from([0x51, 0, 0, 0, 5, 0x41]);
    expect(traceFrame('frontend', frame(bytes))).toBe('F Query malformed (PROTOCOL_VIOLATION)');
    expect(traceFrame('frontend', { ...frame(bytes), type: 1 })).toBe('F Unknown type 1');
  });

  it('prints nothing that a terminal would obey', () => {
    const nasty = '\u001b[2J\u0007\u202e\n"';
    const line = traceFrame('frontend', frame(encodeParse({ name: nasty, sql: nasty, parameterTypes: [] })), {
      showValues: true,
    });
    expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe('traceStartupPacket', () => {
  it('names parameters and hides their values', () => {
    const packet = encodeStartup({
      protocol: { major: 3, minor: 2 },
      parameters: new Map([['user', canary]]),
    });
    expect(traceStartupPacket(packet)).toBe('F StartupMessage protocol=3.2 "user"=<11 bytes>');
  });

  it('never shows a cancel key', () => {
    const packet = encodeCancelRequest({ pid: 1, secret: value });
    expect(traceStartupPacket(packet, { showValues: true })).toBe('F CancelRequest pid=1 key=<11 bytes>');
  });
});
