import type { Logger, LogFields } from '@daam/shared/base/logger';
import type { Logger as Pino } from 'pino';

/** pino behind the logger interface that everything else knows. */
export function pinoLogger(pino: Pino): Logger {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: LogFields, message: string): void =>
      pino[level](fields, message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => pinoLogger(pino.child(fields)),
  };
}
