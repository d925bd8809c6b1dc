/** What a person is about to ask for, and how it becomes a request. Pure; the form only shows it. */
import { joinReason, splitReason } from '@daam/shared/api/request-reason';
import type { RequestView } from '@daam/shared/api/routes/requests';
import type { Database } from '../../ipc/schema.ts';

export type AskedKind = 'tables' | 'columns' | 'policy' | 'document';

const operations = ['select', 'insert', 'update', 'delete'] as const;

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
  /** What no other field can say, of an earlier request; asked for as it is. */
  readonly document: Readonly<Record<string, unknown>> | null;
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
    document: null,
    minutes: 60,
    startAt: '',
    reason: '',
    ticket: '',
    statement: prefill?.statement ?? '',
    emergency: false,
  };
}

/** The same, asked once more: where the fields can say it, in them. */
export function draftAgain(
  request: Pick<RequestView, 'asked' | 'database' | 'reason' | 'ticket'>,
): RequestDraft {
  const { reason, statement } = splitReason(request.reason);
  const empty = draftOf(
    { database: request.database.name, table: '', column: null, isUnmask: false, statement },
    [],
  );
  return withTerms({ ...empty, reason, ticket: request.ticket ?? '' }, request.asked);
}

/** A draft for these terms instead. */
export function withTerms(
  draft: RequestDraft,
  {
    policy = null,
    access,
    minutes,
  }: Pick<RequestView['asked'], 'access' | 'minutes'> & Partial<Pick<RequestView['asked'], 'policy'>>,
): RequestDraft {
  if (policy !== null) return { ...draft, kind: 'policy', policy: policy.name, minutes };
  return { ...draft, ...fieldsOf(access ?? {}), minutes };
}

function fieldsOf(access: Readonly<Record<string, unknown>>): Partial<RequestDraft> {
  const [tables, unmask, masks] = [access['tables'], access['unmask'], access['masks']].map(itemsOf);
  const plain = (tables ?? []).flatMap(({ table, operations: allowed, columns }) =>
    typeof table === 'string' && columns === undefined ? [{ table, allowed: namesOf(allowed) }] : [],
  );
  const columns = (unmask ?? []).flatMap(({ column, to = 'none' }) =>
    typeof column === 'string' && to === 'none' ? [column] : [],
  );
  const isPlain = plain.length === tables?.length && columns.length === unmask?.length && masks?.length === 0;
  if (isPlain && plain.length === 0 && columns.length > 0) {
    return { kind: 'columns', columns: columns.join('\n'), document: null };
  }
  const first = plain[0]?.allowed ?? [];
  const isUniform = plain.every(({ allowed }) => allowed.join() === first.join());
  if (!isPlain || columns.length > 0 || !isUniform || first.length === 0)
    return { kind: 'document', document: access };
  return {
    kind: 'tables',
    tables: plain.map(({ table }) => table).join('\n'),
    operations: first,
    document: null,
  };
}

function itemsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function namesOf(value: unknown): RequestDraft['operations'] {
  return Array.isArray(value) ? operations.filter((operation) => value.includes(operation)) : ['select'];
}

/** What a draft asks for, for a preview; null where that is not said yet. */
export function askedOf(draft: RequestDraft) {
  const problems = problemsOf(draft, 0);
  const isUnknown = (['database', 'tables', 'columns', 'policy', 'minutes'] as const).some(
    (field) => field in problems,
  );
  if (isUnknown) return null;
  const {
    reason: _reason,
    ticket: _ticket,
    startAt: _startAt,
    emergency: _emergency,
    ...asked
  } = bodyOf(draft);
  return asked;
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
  const asked = draft.kind === 'policy' ? { policy: draft.policy.trim() } : { access: accessOf(draft) };
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

function accessOf({ kind, document, ...draft }: RequestDraft): Record<string, unknown> {
  if (kind === 'document') return { ...document };
  if (kind === 'columns') return { unmask: listed(draft.columns).map((column) => ({ column })) };
  return { tables: listed(draft.tables).map((table) => ({ table, operations: [...draft.operations] })) };
}

function fullReason({ reason, statement }: RequestDraft): string {
  return joinReason(reason, statement);
}
