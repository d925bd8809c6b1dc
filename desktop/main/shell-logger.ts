import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LogFields, Logger } from '@daam/shared/base/logger';
import { logsFolder } from './logs-folder.ts';

/** Above this, the file of before is kept as `.old` and a new one begins. Bytes. */
const maxBytes = 5 * 1024 * 1024;

/**
 * A logger of JSON lines into `logs/desktop.log` of the state folder, which is the person's alone. Entries have ids,
 * counts and codes; a log that cannot be written stops nothing.
 */
export function shellLogger(stateDir: string): Logger & Disposable {
  const folder = logsFolder(stateDir);
  const path = join(folder, 'desktop.log');
  let file: number | null = null;
  let size = 0;
  const open = (): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    file = openSync(path, 'a', 0o600);
    size = statSync(path).size;
  };
  const rotate = (): void => {
    if (file !== null) closeSync(file);
    file = null;
    renameSync(path, `${path}.old`);
    open();
  };
  const write = (line: string): void => {
    try {
      if (file === null) open();
      if (size > maxBytes) rotate();
      if (file !== null) size += writeSync(file, line);
    } catch {
      // A full disk is no reason to end connections.
    }
  };
  return Object.assign(jsonLogger(write, {}), {
    [Symbol.dispose]: () => {
      if (file !== null) closeSync(file);
      file = null;
    },
  });
}

function jsonLogger(write: (line: string) => void, base: LogFields): Logger {
  const at = (level: string) => (fields: LogFields, message: string) =>
    write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...base, ...fields })}\n`);
  return {
    debug: () => {},
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => jsonLogger(write, { ...base, ...fields }),
  };
}
