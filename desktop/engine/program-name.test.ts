import { randomBytes, randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ProgramNameReader } from './program-name.ts';

function startup(...parameters: readonly string[]): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 3, 0, 0]),
    Buffer.from(`${parameters.join('\0')}\0\0`, 'utf8'),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

function read(...chunks: readonly Buffer[]): string | null {
  const reader = new ProgramNameReader();
  for (const chunk of chunks) reader.take(chunk);
  return reader.name;
}

const asksTls = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

describe('the name of a program', () => {
  it('is read wherever the start is cut, and behind requests for encryption', () => {
    const start = Buffer.concat([
      asksTls,
      startup('user', 'mina', 'application_name', 'psql', 'database', 'shop'),
      Buffer.from('Q\0\0\0\u000dselect 1\0'),
    ]);
    for (let cut = 0; cut <= start.length; cut += 1)
      expect(read(start.subarray(0, cut), start.subarray(cut))).toBe('psql');
  });

  it.each([
    ['none is given', startup('user', 'mina')],
    ['it is empty', startup('user', 'mina', 'application_name', ' ')],
    ['the start is encrypted', Buffer.concat([asksTls, Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 0])])],
    ['it is a CancelRequest', Buffer.from([0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2])],
    ['the packet is longer than any', Buffer.from([0, 1, 0, 0, 0, 3, 0, 0, 1])],
    ['it only asks for encryption', Buffer.concat(Array.from({ length: 9 }, () => asksTls))],
    ['a value has the name of the parameter', startup('user', 'application_name', 'database', 'x')],
  ])('is not known where %s', (_, bytes) => {
    expect(read(bytes)).toBeNull();
  });

  it('is short and printable whatever a client says', () => {
    expect(read(startup('application_name', 'a\nb\u001B[31m\u202Ec'))).toBe('a?b?[31m?c');
    expect(read(startup('application_name', 'é'.repeat(60)))).toBe('é'.repeat(31));
    for (let round = 0; round < 300; round += 1) {
      const start = startup('application_name', randomBytes(randomInt(0, 90)).toString('latin1'));
      start[randomInt(start.length)] = randomInt(256);
      const name = read(start);
      expect(Buffer.byteLength(name ?? '')).toBeLessThanOrEqual(63);
      expect(name ?? '').not.toMatch(/\p{Cc}/u);
    }
  });

  it('is done after the start, so that what follows costs nothing', () => {
    const reader = new ProgramNameReader();
    reader.take(startup('user', 'mina'));
    expect(reader.isDone).toBe(true);
  });
});
