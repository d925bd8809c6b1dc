import { expect, it } from 'vitest';
import { MemoryBackend } from '../ipc/testing/memory-backend.ts';
import { sampleDatabases, sampleStatus, sampleTime } from '../ipc/testing/sample.ts';
import { shellBackend } from './shell-backend.ts';
import { RecordingElectron } from './testing/recording-electron.ts';

it('empties the clipboard only while it holds what the page says, and tells nothing of what else is in it', async () => {
  const electron = new RecordingElectron();
  const memory = new MemoryBackend({
    databases: sampleDatabases,
    status: sampleStatus,
    now: sampleTime,
    user: 'dev',
  });
  const { methods } = shellBackend(memory, () => {}, electron.port.clipboard);
  electron.copied.push('postgresql://dev:secret@127.0.0.1/shop');
  expect(await methods.clearClipboard({ text: 'something else' })).toEqual({ cleared: false });
  expect(electron.copied).toHaveLength(1);
  expect(await methods.clearClipboard({ text: 'postgresql://dev:secret@127.0.0.1/shop' })).toEqual({
    cleared: true,
  });
  expect(electron.copied.at(-1)).toBe('');
  expect(await shellBackend(memory).methods.clearClipboard({ text: 'x' })).toEqual({ cleared: false });
});
