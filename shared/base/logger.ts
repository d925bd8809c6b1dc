/** Fields of a log line: ids, counts, codes; never SQL parameters, rows, tokens or keys. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The logger that is passed in everywhere. pino's loggers fit behind it. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

const nothing = (): void => {};

/** Drops everything. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
};
