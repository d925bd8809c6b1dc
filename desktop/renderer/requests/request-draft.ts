/** What a person is about to ask for, and how it becomes a request. Pure; the form only shows it. */
import type { Database } from '../../ipc/schema.ts';

export type AskedKind = 'tables' | 'columns' | 'policy';

export interface RequestDraft {
  /** Name of the database. */
  readonly database: string;
  readonly kind: AskedKind;
  /** `schema.table`, with `*` for many; separated by commas or lines. */
  readonly tables: string;
  readonly operations: readonly ('select' | 'insert' | 'update' | 'delete')[];
  /** `schema.table.column`, to be seen without its mask; separated by commas or lines. */
  readonly columns: string;
  readonly policy: string;
  readonly minutes: number;
  /** As a datetime-local field has it; empty: as soon as it is approved. */
  readonly startAt: string;
  readonly reason: string;
  readonly ticket: string;
  /** Attached to the reason. */
  readonly statement: string;
  readonly emergency: boolean;
}

export interface RequestPrefill {
  readonly database: string | null;
  /** `schema.table`; empty: not known. */
  readonly table: string;
  readonly column: string | null;
  readonly isUnmask: boolean;
  readonly statement: string;
}

export type DraftField = 'database' | 'tables' | 'columns' | 'policy' | 'reason' | 'startAt' | 'minutes';
export type DraftProblems = Partial<Readonly<Record<DraftField, string>>>;

const minReason = 10;
const maxReason = 2_000;
/** The longest window that the control plane takes, 30 days. */
export const maxMinutes = 43_200;

export function draftOf(
  prefill: RequestPrefill | null,
  databases: readonly Pick<Database, 'name'>[],
): RequestDraft {
  const table = prefill?.table ?? '';
  const column = prefill?.column ?? null;
  const isUnmask = prefill?.isUnmask === true && column !== null;
  return {
    database: prefill?.database ?? (databases.length === 1 ? (databases[0]?.name ?? '') : ''),
    kind: isUnmask ? 'columns' : 'tables',
    tables: isUnmask ? '' : table,
    operations: ['select'],
    columns: isUnmask ? `${table}.${column}` : '',
    policy: '',
    minutes: 60,
    startAt: '',
    reason: '',
    ticket: '',
    statement: prefill?.statement ?? '',
    emergency: false,
  };
}

export function listed(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[,\n]/)
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  ];
}

/** What is missing or wrong, by field; `now` in milliseconds. */
export function problemsOf(draft: RequestDraft, now: number): DraftProblems {
  const problems: { -readonly [K in DraftField]?: string } = {};
  if (draft.database.trim() === '') problems.database = 'Name the database.';
  if (draft.kind === 'tables') {
    const tables = listed(draft.tables);
    if (tables.length === 0) problems.tables = 'Name at least one table.';
    else if (tables.some((table) => table.split('.').length !== 2))
      problems.tables = 'Write each table with its schema: sales.customers.';
  }
  if (draft.kind === 'columns') {
    const columns = listed(draft.columns);
    if (columns.length === 0) problems.columns = 'Name at least one column.';
    else if (columns.some((column) => column.split('.').length !== 3))
      problems.columns = 'Write each column with schema and table: sales.customers.email.';
  }
  if (draft.kind === 'policy' && draft.policy.trim() === '') problems.policy = 'Name the policy.';
  const { length } = draft.reason.trim();
  if (length < minReason) problems.reason = `Say why in at least ${minReason} characters; approvers read it.`;
  else if (fullReason(draft).length > maxReason) problems.reason = 'That is longer than 2,000 characters.';
  if (!Number.isInteger(draft.minutes) || draft.minutes < 1 || draft.minutes > maxMinutes)
    problems.minutes = 'Between one minute and 30 days.';
  if (draft.startAt !== '' && !(Date.parse(draft.startAt) > now)) problems.startAt = 'Choose a time to come.';
  return problems;
}

/** What goes to the control plane. The draft has no problems. */
export function bodyOf(draft: RequestDraft) {
  const asked =
    draft.kind === 'policy'
      ? { policy: draft.policy.trim() }
      : {
          access:
            draft.kind === 'tables'
              ? {
                  tables: listed(draft.tables).map((table) => ({ table, operations: [...draft.operations] })),
                }
              : { unmask: listed(draft.columns).map((column) => ({ column })) },
        };
  return {
    database: draft.database.trim(),
    ...asked,
    minutes: draft.minutes,
    ...(draft.startAt === '' ? {} : { startAt: new Date(draft.startAt).toISOString() }),
    reason: fullReason(draft),
    ...(draft.ticket.trim() === '' ? {} : { ticket: draft.ticket.trim() }),
    ...(draft.emergency ? { emergency: true } : {}),
  };
}

function fullReason({ reason, statement }: RequestDraft): string {
  const text = statement.trim().replaceAll(/[^\P{Cc}\n\t]/gu, ' ');
  return text === '' ? reason.trim() : `${reason.trim()}\n\nStatement:\n${text}`;
}
