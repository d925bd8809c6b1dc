import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import { afterEach, expect, it, vi } from 'vitest';
import { MemoryBackend } from '../ipc/testing/memory-backend.ts';
import { sampleDatabases, sampleStatus, sampleTime } from '../ipc/testing/sample.ts';
import { LogsFolder } from './logs-folder.ts';
import { shellBackend } from './shell-backend.ts';
import { RecordingElectron } from './testing/recording-electron.ts';

afterEach(() => void vi.useRealTimers());

function sampleBackend(): MemoryBackend {
  return new MemoryBackend({
    databases: sampleDatabases,
    status: sampleStatus,
    now: sampleTime,
    user: 'dev',
  });
}

it('empties the clipboard later by itself, of the last that was copied', async () => {
  vi.useFakeTimers();
  const electron = new RecordingElectron();
  const memory = sampleBackend();
  const { methods } = shellBackend(memory, undefined, electron.port.clipboard);
  electron.copied.push('second');
  await methods.clearClipboard({ text: 'first', afterMs: 60_000 });
  await methods.clearClipboard({ text: 'second', afterMs: 60_000 });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(electron.copied.at(-1)).toBe('second');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(electron.copied.at(-1)).toBe('');
});

it('empties the clipboard only while it holds what the page says, and tells nothing of what else is in it', async () => {
  const electron = new RecordingElectron();
  const memory = sampleBackend();
  const { methods } = shellBackend(memory, undefined, electron.port.clipboard);
  electron.copied.push('postgresql://dev:secret@127.0.0.1/shop');
  expect(await methods.clearClipboard({ text: 'something else', afterMs: 0 })).toEqual({ cleared: false });
  expect(electron.copied).toHaveLength(1);
  expect(
    await methods.clearClipboard({ text: 'postgresql://dev:secret@127.0.0.1/shop', afterMs: 0 }),
  ).toEqual({
    cleared: true,
  });
  expect(electron.copied.at(-1)).toBe('');
  expect(await shellBackend(memory).methods.clearClipboard({ text: 'x', afterMs: 0 })).toEqual({
    cleared: false,
  });
});

it('shows and opens its logs where nothing is locked, and names no person by their folder', async () => {
  const home = await mkdtemp(join(tmpdir(), 'daam-home-'));
  const electron = new RecordingElectron();
  const memory = sampleBackend();
  const logs = new LogsFolder({ shell: electron.port.shell, stateDir: join(home, 'daam'), home });
  const { methods } = shellBackend(memory, undefined, null, logs);
  expect(await methods.describeLogs({})).toEqual({ folder: join('~', 'daam', 'logs'), canOpen: true });
  expect(await methods.openLogs({})).toEqual({ isOpen: true });
  expect(electron.opened).toEqual([join(home, 'daam', 'logs')]);
  expect((await stat(join(home, 'daam', 'logs'))).mode & 0o777).toBe(0o700);
  memory.failNext('openLogs', new AppError('FORBIDDEN'));
  await expect(methods.openLogs({})).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(electron.opened).toHaveLength(1);
  await rm(home, { recursive: true });
});
