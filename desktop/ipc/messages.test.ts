import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { fromBridgeError, toBridgeError } from './errors.ts';
import { parseClientMessage, parseServerMessage } from './messages.ts';

const codeOf = (action: () => unknown): unknown => {
  try {
    action();
    return null;
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : thrown;
  }
};

describe('bridge messages', () => {
  it('reads a hello and a call', () => {
    expect(parseClientMessage('{"kind":"hello","version":2,"token":"x"}')).toMatchObject({ kind: 'hello' });
    expect(parseClientMessage('{"kind":"call","id":1,"method":"status","params":{}}')).toMatchObject({
      id: 1,
    });
  });

  it.each([
    ['is not JSON', '{'],
    ['is of no kind', '{"kind":"shutdown"}'],
    ['is not an object', '[]'],
    ['calls a method that does not exist', '{"kind":"call","id":1,"method":"eval","params":{}}'],
    ['calls a method of Object', '{"kind":"call","id":1,"method":"constructor","params":{}}'],
    ['has an id that is not a whole number', '{"kind":"call","id":1.5,"method":"status","params":{}}'],
    ['has a key more', '{"kind":"hello","version":2,"token":"x","admin":true}'],
    ['speaks another version', '{"kind":"hello","version":1,"token":"x"}'],
    ['has a token without end', `{"kind":"hello","version":2,"token":"${'x'.repeat(513)}"}`],
  ])('refuses a message of a screen that %s', (_case, text) => {
    expect(codeOf(() => parseClientMessage(text))).toBe('INVALID_INPUT');
  });

  it.each([
    ['an unknown event', '{"kind":"event","event":"rowsChanged","payload":{}}'],
    [
      'an unknown error code',
      '{"kind":"error","id":1,"error":{"code":"OOPS","message":"","hint":null,"field":null}}',
    ],
  ])('refuses a message of the engine with %s', (_case, text) => {
    expect(codeOf(() => parseServerMessage(text))).toBe('INVALID_INPUT');
  });
});

describe('bridge errors', () => {
  it('carry what may be shown and come back the same', () => {
    const error = new AppError('PORT_IN_USE', { message: 'Taken.', hint: 'Use 1.', field: 'port' });
    expect(toBridgeError(fromBridgeError(toBridgeError(error)))).toEqual(toBridgeError(error));
  });

  it('tell nothing of an unexpected failure but that there was one', () => {
    const shown = toBridgeError(new TypeError('canary in /home/someone'));
    expect(shown.code).toBe('INTERNAL');
    expect(JSON.stringify(shown)).not.toContain('canary');
  });
});
