/** Logs for a person at a terminal, on stderr: time, level, message, fields. */
import type { LogFields, Logger } from '@daam/shared/base/logger';

/** A logger that writes a line for each entry. `debug` entries are dropped. */
export function terminalLogger(write: (line: string) => void, base: LogFields = {}): Logger {
  const at = (level: string) => (fields: LogFields, message: string) => {
    const all = Object.entries({ ...base, ...fields }).filter(
      ([, value]) => value !== undefined && value !== null,
    );
    const details = all.map(([name, value]) => `${name}=${String(value)}`).join(' ');
    write(
      `${new Date().toISOString().slice(11, 23)} ${level} ${message}${details === '' ? '' : `  ${details}`}\n`,
    );
  };
  return {
    debug: () => {},
    info: at('     '),
    warn: at('WARN '),
    error: at('ERROR'),
    child: (fields) => terminalLogger(write, { ...base, ...fields }),
  };
}
