import { parseDuration } from '@daam/shared/policy/duration';
import { type CommandContext, UsageError } from './command.ts';

/** Options that say what is asked for, or given; lists have commas. */
export const termOptions = {
  policy: { type: 'string' },
  tables: { type: 'string' },
  operations: { type: 'string' },
  columns: { type: 'string' },
  unmask: { type: 'string' },
  for: { type: 'string' },
  at: { type: 'string' },
} as const;

export interface RequestTerms {
  readonly policy?: string;
  readonly access?: Record<string, unknown>;
  readonly minutes?: number;
  /** ISO 8601 in UTC. */
  readonly startAt?: string;
}

/** The terms that the options name; what they leave out is left out. Wrong ones throw UsageError. */
export function termsOf({ values }: Pick<CommandContext, 'values'>): RequestTerms {
  const policy = values['policy'];
  const duration = values['for'];
  const at = values['at'];
  const access = accessOf(values);
  if (typeof policy === 'string' && access !== null)
    throw new UsageError('Give either --policy, or --tables and --unmask.');
  return {
    ...(typeof policy === 'string' ? { policy } : {}),
    ...(access === null ? {} : { access }),
    ...(typeof duration === 'string' ? { minutes: minutesOf(duration) } : {}),
    ...(typeof at === 'string' ? { startAt: timeOf(at) } : {}),
  };
}

function accessOf(values: CommandContext['values']): Record<string, unknown> | null {
  const tables = listOf(values['tables']);
  const unmask = listOf(values['unmask']).map(levelOf);
  const columns = listOf(values['columns']);
  const operations = listOf(values['operations']);
  if (tables.length === 0) {
    if (columns.length > 0 || operations.length > 0)
      throw new UsageError('--columns and --operations belong to --tables.');
    return unmask.length === 0 ? null : { unmask };
  }
  if (columns.length > 0 && tables.length > 1)
    throw new UsageError('--columns can be named for one table only.');
  const shared = {
    ...(operations.length === 0 ? {} : { operations }),
    ...(columns.length === 0 ? {} : { columns }),
  };
  return {
    tables: tables.map((table) => ({ table, ...shared })),
    ...(unmask.length === 0 ? {} : { unmask }),
  };
}

/** `public.customers.email`, or with the level: `public.customers.email=email`, `…=partial(2/0)` (ends that stay). */
function levelOf(text: string): Record<string, unknown> {
  const [column = '', level] = text.split('=');
  if (level === undefined) return { column };
  const partial = /^partial\((\d{1,2})[;/](\d{1,2})\)$/.exec(level);
  if (partial === null) return { column, to: level };
  return { column, to: 'partial', prefix: Number(partial[1]), suffix: Number(partial[2]) };
}

function listOf(value: string | boolean | undefined): string[] {
  if (typeof value !== 'string') return [];
  const items = value.split(',').map((item) => item.trim());
  if (items.includes('')) throw new UsageError('A list has an empty place.');
  return items;
}

function minutesOf(text: string): number {
  let ms: number;
  try {
    ms = parseDuration(text);
  } catch {
    throw new UsageError('--for is written as 30m, 8h or 2d.');
  }
  if (ms % 60_000 !== 0) throw new UsageError('--for is in whole minutes.');
  return ms / 60_000;
}

function timeOf(text: string): string {
  const at = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(at.getTime()))
    throw new UsageError('--at is written as 2030-01-31T08:00:00Z.');
  return at.toISOString();
}
