/** Rules of requests as the settings edit them: the document of `within` as tables and operations. Pure. */
import type { RequestRule } from '@daam/shared/api/routes/requests';
import { listed } from '../../requests/request-draft.ts';

export const operations = ['select', 'insert', 'update', 'delete'] as const;
export type Operation = (typeof operations)[number];

export const newRule: RequestRule = {
  database: null,
  environment: null,
  within: null,
  maxMinutes: null,
  approvers: { users: [], groups: [], admins: true },
  required: 1,
  automatic: false,
  escalation: null,
};

/** What the fields of a rule's tables show. */
export interface Within {
  /** A line a table. */
  readonly tables: string;
  readonly operations: readonly Operation[];
  /** The document says more than these fields can: it is kept as it is. */
  readonly isForeign: boolean;
}

export function withinOf(within: RequestRule['within']): Within {
  if (within === null) return { tables: '', operations: ['select'], isForeign: false };
  const items = Array.isArray(within['tables']) ? (within['tables'] as readonly unknown[]) : [];
  const tables = items.map((item) => readTable(item));
  const first = tables[0];
  const isPlain =
    Object.keys(within).every((key) => key === 'tables' || isEmptyList(within[key])) &&
    tables.every((table) => table !== null && table.operations.join() === first?.operations.join());
  if (!isPlain || first === undefined || first === null)
    return { tables: '', operations: [], isForeign: true };
  return {
    tables: tables.map((table) => table?.name ?? '').join('\n'),
    operations: operations.filter((operation) => first.operations.includes(operation)),
    isForeign: false,
  };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function readTable(item: unknown): { readonly name: string; readonly operations: readonly string[] } | null {
  if (typeof item !== 'object' || item === null) return null;
  const { table, operations: allowed = ['select'], columns } = item as Record<string, unknown>;
  if (typeof table !== 'string' || columns !== undefined || !Array.isArray(allowed)) return null;
  return { name: table, operations: allowed.filter((each) => typeof each === 'string').toSorted() };
}

/** The document of these tables and operations; null where none is named. */
export function documentOf(tables: string, allowed: readonly Operation[]): RequestRule['within'] {
  const names = listed(tables);
  if (names.length === 0) return null;
  return { tables: names.map((table) => ({ table, operations: [...allowed].toSorted() })) };
}
