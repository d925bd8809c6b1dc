import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateDir } from './state-dir.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'daam-state-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a secret is made once, kept for its owner alone, and forgotten by a fresh start', async () => {
  const first = await StateDir.open(folder, { fresh: false });
  const secret = (await first.secret('key')).reveal();
  expect((await first.secret('key')).reveal()).toBe(secret);
  expect(statSync(first.file('secrets', 'key')).mode & 0o777).toBe(0o600);
  await first[Symbol.asyncDispose]();

  const again = await StateDir.open(folder, { fresh: false });
  expect((await again.secret('key')).reveal()).toBe(secret);
  await again[Symbol.asyncDispose]();

  const fresh = await StateDir.open(folder, { fresh: true });
  expect(await fresh.readSecret('key')).toBeNull();
});

test('a folder with other things in it is refused and never emptied', async () => {
  writeFileSync(join(folder, 'thesis.txt'), 'years of work');
  await expect(StateDir.open(folder, { fresh: true })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

test('a folder on which another process runs is refused, and a dead process holds nothing', async () => {
  await using state = await StateDir.open(folder, { fresh: false });
  writeFileSync(state.file('running-pid'), '1\n');
  await expect(StateDir.open(folder, { fresh: true })).rejects.toMatchObject({ code: 'CONFLICT' });
  writeFileSync(state.file('running-pid'), '4194305\n');
  await using again = await StateDir.open(folder, { fresh: false });
  expect(again.path).toBe(state.path);
});
