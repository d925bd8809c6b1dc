/** What an approver leaves of a request: parts left out, columns at a level between their mask and nothing. Pure. */
import type { RequestView } from '@daam/shared/api/routes/requests';

type Access = Readonly<Record<string, unknown>>;

/** One thing that is asked for. */
export interface AskedPart {
  readonly key: string;
  readonly text: string;
  /** A column that is to be shown without its mask: it may be shown by a preset instead. */
  readonly isLevel: boolean;
}

export interface Narrowed {
  /** Keys of what is left out. */
  readonly without: ReadonlySet<string>;
  /** Presets of columns, by the key of their part; the others stay as they are asked for. */
  readonly levels: ReadonlyMap<string, string>;
  readonly minutes: number;
}

/** Presets that may stand between a mask and the value; what needs more than a name is for the API. */
export const levels = ['email', 'phone', 'ssn', 'credit_card', 'name', 'redact'] as const;

/** The parts of what is about to be given; none of a policy, which is given whole. */
export function partsOf(access: Access | null): readonly AskedPart[] {
  if (access === null) return [];
  const tables = itemsOf(access['tables']).map((item, at) => ({
    key: `tables ${at}`,
    text: `${namesOf(item['operations']).join(', ') || 'select'} on ${textOf(item['table'])}`,
    isLevel: false,
  }));
  const columns = itemsOf(access['unmask']).map((item, at) => ({
    key: `unmask ${at}`,
    text: `${textOf(item['column'])} without its mask`,
    isLevel: item['to'] === undefined || item['to'] === 'none',
  }));
  return [...tables, ...columns];
}

/** The body of an approval: only what differs from what is about to be given. Null where nothing would be left. */
export function approvalOf(
  { access, minutes }: RequestView['granted'],
  narrowed: Narrowed,
): { readonly access?: Record<string, unknown>; readonly minutes?: number } | null {
  const time = narrowed.minutes === minutes ? {} : { minutes: narrowed.minutes };
  const isWhole = narrowed.without.size === 0 && narrowed.levels.size === 0;
  if (access === null || isWhole) return time;
  const kept = (kind: 'tables' | 'unmask') =>
    itemsOf(access[kind]).flatMap((item, at) => {
      const key = `${kind} ${at}`;
      const level = narrowed.levels.get(key);
      if (narrowed.without.has(key)) return [];
      return [level === undefined ? item : { ...item, to: level }];
    });
  const [tables, unmask] = [kept('tables'), kept('unmask')];
  if (tables.length + unmask.length === 0) return null;
  return { ...time, access: { ...access, tables, unmask } };
}

function itemsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
