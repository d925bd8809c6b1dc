import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSettings } from '../../bridge/use-settings.ts';
import { Chip } from '../../ui/chip.tsx';
import { duration, moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { CutText, type VirtualColumn, VirtualTable } from '../../ui/virtual-table.tsx';
import { useIsAdmin } from '../use-console.ts';
import { EndSession } from './end-session.tsx';
import { sessionFacts } from './replay-model.ts';
import { stateWords, unreachableSince } from './session-words.ts';
import type { SessionPart } from './use-sessions.ts';

export interface SessionTableProps {
  readonly part: SessionPart;
  readonly sessions: readonly ConnectionView[];
  readonly nameOf: (database: string) => string;
  readonly hasMore: boolean;
  readonly onEnd: () => void;
}

/** Sessions one a row; a row opens as its replay. Open ones can be ended by administrators. */
export function SessionTable({ part, sessions, nameOf, hasMore, onEnd }: SessionTableProps): ReactNode {
  const now = useNow(5_000);
  const navigate = useNavigate();
  const { singleKeys } = useSettings().keyboard;
  const isAdmin = useIsAdmin();
  const columns: VirtualColumn<ConnectionView>[] = [
    {
      id: 'person',
      header: 'Person',
      share: 13,
      render: (session) => (
        <a
          href={addressOf(session)}
          className="block truncate font-medium text-accent hover:underline max-narrow:wrap-anywhere max-narrow:whitespace-normal"
        >
          {sessionFacts(session).email || 'not known'}
        </a>
      ),
    },
    {
      id: 'database',
      header: 'Database',
      share: 7,
      render: ({ database }) => <CutText text={nameOf(database)} />,
    },
    {
      id: 'program',
      header: 'Program',
      share: 10,
      render: (session) => <CutText text={sessionFacts(session).application} />,
    },
    { id: 'start', header: 'Start', share: 11, render: ({ at }) => <CutText text={moment(at, now)} /> },
    {
      id: 'duration',
      header: 'Duration',
      share: 8,
      align: 'end',
      render: (session) => duration(knownDuration(session, now)),
    },
    ...(part === 'live' ? liveColumns({ now, isAdmin }) : recordedColumns),
  ];
  return (
    <VirtualTable
      label="Sessions"
      rows={sessions}
      rowKey={({ agent, seq }) => `${agent}-${seq}`}
      columns={columns}
      hasMore={hasMore}
      onEnd={onEnd}
      singleKeys={singleKeys}
      onOpen={(session) =>
        void navigate({ to: '/admin/sessions/$id', params: { id: session.session ?? '' } })
      }
    />
  );
}

function liveColumns({
  now,
  isAdmin,
}: {
  readonly now: number;
  readonly isAdmin: boolean;
}): VirtualColumn<ConnectionView>[] {
  return [
    { id: 'path', header: 'Path', share: 5, render: (session) => sessionFacts(session).path },
    {
      id: 'policies',
      header: 'Policies',
      share: 10,
      render: (session) => <CutText text={sessionFacts(session).policies.join(', ')} />,
    },
    {
      id: 'status',
      header: 'Status',
      share: 14,
      render: (session) => <StateChip session={session} now={now} />,
    },
    ...(isAdmin
      ? [
          {
            id: 'end',
            header: 'End',
            share: 6,
            render: (session: ConnectionView) =>
              unreachableSince(session) === null ? <EndSession session={session} /> : '–',
          },
        ]
      : []),
  ];
}

const recordedColumns: readonly VirtualColumn<ConnectionView>[] = [
  count('statements', 'Statements', 8, ({ end }) => end?.statements),
  count('rows', 'Rows', 6, ({ end }) => end?.rows),
  count('masked', 'Masked', 6, ({ end }) => end?.masked),
  count('refused', 'Refused', 6, ({ end }) => end?.refused),
  {
    id: 'status',
    header: 'How it ended',
    share: 12,
    render: (session) => <StateChip session={session} now={Date.now()} />,
  },
];

function StateChip({ session, now }: { readonly session: ConnectionView; readonly now: number }): ReactNode {
  const since = unreachableSince(session);
  const [words, tone] = stateWords(session, now);
  if (since === null) return <Chip tone={tone}>{words}</Chip>;
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <Chip tone={tone}>agent unreachable</Chip>
      <span className="text-12 text-text-2">since {moment(since, now)}</span>
    </span>
  );
}

/** Until it ended, until its agent was heard of last, or until now. Milliseconds. */
function knownDuration(session: ConnectionView, now: number): number {
  if (session.end !== null) return session.end.durationMs;
  const since = unreachableSince(session);
  return Math.max(0, (since === null ? now : Date.parse(since)) - Date.parse(session.at));
}

function count(
  id: string,
  header: string,
  share: number,
  of: (session: ConnectionView) => number | null | undefined,
): VirtualColumn<ConnectionView> {
  return {
    id,
    header,
    share,
    align: 'end',
    render: (session) => of(session)?.toLocaleString() ?? '–',
  };
}

function addressOf({ session }: ConnectionView): string {
  return `#/admin/sessions/${encodeURIComponent(session ?? '')}`;
}
