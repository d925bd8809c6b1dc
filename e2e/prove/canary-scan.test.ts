import { expect, test } from 'vitest';
import { CanaryScan } from './canary-scan.ts';
import { canary } from './world/values.ts';

const world = { world: 'a', seed: 3 } as const;
const secret = canary(world, 'x');
const scan = new CanaryScan([world]);
const inside = (text: string): Buffer => Buffer.from(`before ${text} after`);

test.each([
  ['plain', secret],
  ['plain', secret.toUpperCase()],
  ['hex', Buffer.from(secret).toString('hex')],
  ['reversed', Array.from(secret).toReversed().join('')],
  ['base64', Buffer.from(`j${secret}@example.com`).toString('base64')],
  ['base64', Buffer.from(`ja${secret}@example.com`).toString('base64')],
  ['base64', Buffer.from(secret).toString('base64url')],
  ['uuid', secret.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')],
  ['listed', Array.from(secret).join(',')],
])('a canary is found %s', (form, text) => {
  expect(scan.find(inside(text))).toContain(form);
});

test('the raw bytes of a canary are found', () => {
  expect(scan.find(Buffer.from(`00${secret}00`, 'hex'))).toContain('raw');
});

test('another world is not found', () => {
  expect(scan.find(inside(canary({ world: 'b', seed: 3 }, 'x')))).toEqual([]);
});
