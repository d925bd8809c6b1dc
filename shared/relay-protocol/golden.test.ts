import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { decodeFrames, encodeFrame, frameTypes } from './frames.ts';
import golden from './golden.json' with { type: 'json' };

const good = golden.filter(({ malformed }) => !malformed);
const bad = golden.filter(({ malformed }) => malformed);

describe('the golden bytes of the relay protocol, which the sidecar in Go holds too', () => {
  it.each(good)('decodes and encodes $name', ({ message, frames }) => {
    const decoded = decodeFrames(Buffer.from(message, 'hex'));
    const read = decoded.map(({ kind, key, payload }) => ({
      type: frameTypes[kind],
      key: Buffer.from(key).toString('hex'),
      payload: Buffer.from(payload).toString('hex'),
    }));
    expect(read).toEqual(frames);
    expect(Buffer.concat(decoded.map(encodeFrame)).toString('hex')).toBe(message);
  });

  it.each(bad)('refuses $name', ({ message }) => {
    expect(() => decodeFrames(Buffer.from(message, 'hex'))).toThrow(AppError);
  });
});
