import type { RequestView } from '@daam/shared/api/routes/requests';
import { table } from './command.ts';

/** Requests as columns for people. */
export function requestTable(requests: readonly RequestView[]): string {
  const rows = requests.map((request) => [
    request.id.slice(0, 8),
    request.state,
    request.database.name,
    request.requester.email,
    whatOf(request.granted),
    request.window === null ? durationOf(request.granted.minutes) : `until ${request.window.endsAt}`,
    request.reason.slice(0, 60),
  ]);
  return table(['ID', 'STATE', 'DATABASE', 'WHO', 'WHAT', 'WINDOW', 'REASON'], rows);
}

/** One request in full, a line a fact. */
export function requestText(request: RequestView): string {
  const { approval, window, ended, review } = request;
  const facts: readonly (readonly [string, string | null])[] = [
    ['request', request.id],
    ['state', request.emergency ? `${request.state} (emergency)` : request.state],
    ['database', request.database.name],
    ['who', request.requester.email],
    ['asks for', `${whatOf(request.asked)}, ${durationOf(request.asked.minutes)}`],
    [
      'is given',
      isChanged(request) ? `${whatOf(request.granted)}, ${durationOf(request.granted.minutes)}` : null,
    ],
    ['reason', request.reason],
    ['ticket', request.ticket],
    [
      'approvals',
      approval.required === 0 ? 'none needed' : `${approval.given.length} of ${approval.required}`,
    ],
    ['others', approval.escalatesAt === null ? null : `may approve from ${approval.escalatesAt} on`],
    ['goes on', request.extends === null ? null : `from request ${request.extends}`],
    ...approval.given.map(({ by, at, note }) => ['approved', lineOf(by.email, at, note)] as const),
    ['window', window === null ? null : `${window.startsAt} to ${window.endsAt}`],
    ['lapses', request.state === 'pending' ? request.pendingUntil : null],
    ['ended', ended === null ? null : lineOf(ended.by?.email ?? 'the control plane', ended.at, ended.note)],
    ['review', review === null ? null : (review.outcome ?? 'due')],
  ];
  return facts
    .flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(10)} ${clean(value)}`]))
    .join('\n');
}

function isChanged({ asked, granted }: RequestView): boolean {
  return JSON.stringify(asked) !== JSON.stringify(granted);
}

function lineOf(who: string, at: string, note: string | null): string {
  return `${who}, ${at}${note === null ? '' : `: ${note}`}`;
}

/** `policy support`, or `select public.payments (id, total); unmask public.customers.email`. */
function whatOf({ policy, access }: RequestView['asked']): string {
  if (policy !== null) return `policy ${policy.name}`;
  const { tables = [], unmask = [], masks = [] } = (access ?? {}) as AccessShape;
  const parts = [
    ...tables.map(({ table: name, operations, columns }) => {
      const shown = columns === undefined ? '' : ` (${columns.join(', ')})`;
      return `${operations.join('+')} ${name}${shown}`;
    }),
    ...unmask.map(({ column, to }) => (to === 'none' ? `unmask ${column}` : `${column} as ${to}`)),
    ...masks.map(({ column, preset }) => `mask ${column} as ${preset}`),
  ];
  return parts.join('; ');
}

/** As shared/policy/temporary-access.ts fills it in. */
interface AccessShape {
  readonly tables?: readonly { table: string; operations: readonly string[]; columns?: readonly string[] }[];
  readonly unmask?: readonly { column: string; to: string }[];
  readonly masks?: readonly { column: string; preset: string }[];
}

function durationOf(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440} d`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** What other people wrote must not move the cursor. */
function clean(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
