import { silentLogger } from '@daam/shared/base/logger';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type UpdaterPort, watchUpdates } from './updates.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function updaterThat(answers: () => Promise<unknown>) {
  let looks = 0;
  const updater: UpdaterPort = {
    autoDownload: false,
    autoInstallOnAppQuit: false,
    allowDowngrade: true,
    allowPrerelease: true,
    disableWebInstaller: false,
    logger: console,
    checkForUpdates: () => {
      looks += 1;
      return answers();
    },
  };
  return { updater, looks: () => looks };
}

const hour = 3_600_000;

describe('updates', () => {
  it('never go back to an older release', () => {
    const { updater } = updaterThat(async () => null);
    using _watch = watchUpdates(updater, silentLogger);
    expect(updater).toMatchObject({
      allowDowngrade: false,
      allowPrerelease: false,
      disableWebInstaller: true,
    });
  });

  it('are looked for after the start and then every few hours, until the app ends', async () => {
    const { updater, looks } = updaterThat(async () => null);
    const watch = watchUpdates(updater, silentLogger);
    expect(looks()).toBe(0);
    await vi.advanceTimersByTimeAsync(hour);
    expect(looks()).toBe(1);
    await vi.advanceTimersByTimeAsync(24 * hour);
    const before = looks();
    expect(before).toBeGreaterThan(2);
    watch[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(24 * hour);
    expect(looks()).toBe(before);
  });

  it('that cannot be reached are looked for again', async () => {
    const { updater, looks } = updaterThat(async () => Promise.reject(new Error('no network')));
    using _watch = watchUpdates(updater, silentLogger);
    await vi.advanceTimersByTimeAsync(24 * hour);
    expect(looks()).toBeGreaterThan(2);
  });
});
