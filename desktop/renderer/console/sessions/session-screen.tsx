/** The statement player (ux A7): what ran in a session, how it was decided, and how it went. */
import type { ApiClient } from '@daam/shared/api/client';
import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../../bridge/use-api.ts';
import { apiKey, useStatus } from '../../bridge/use-engine-data.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { ExportButton } from '../audit/export-button.tsx';
import { useRead, useSearchParams } from '../use-console.ts';
import { missingPieces } from './missing-pieces.ts';
import { Player } from './player.tsx';
import { replaySteps, sessionFacts } from './replay-model.ts';
import { SessionActions } from './session-actions.tsx';
import { stateWords } from './session-words.ts';

type Statements = Awaited<ReturnType<ApiClient['listStatements']>>;

/** Statements of one call; older ones come when they are asked for. */
const pageSize = 500;

export function SessionScreen(): ReactNode {
  const { id } = useParams({ strict: false }) as { id: string };
  const opened = useRead(
    ['session', id],
    async (api) => await api.listConnections({ query: { session: id, kind: 'session.opened', limit: 5 } }),
    { every: 3_000 },
  );
  const session = opened.data?.items[0];
  return (
    <>
      <PageHeader
        title={session === undefined ? 'Session' : `Session of ${sessionFacts(session).email}`}
        actions={<ExportButton query={{ session: id }} label="Export evidence" />}
      >
        {session === undefined ? null : <SessionChips session={session} />}
      </PageHeader>
      <FetchedContent query={opened} what="the session">
        {() =>
          session === undefined ? (
            <Empty title="There is no such session">Retention may have removed it.</Empty>
          ) : (
            <Recorded session={session} id={id} />
          )
        }
      </FetchedContent>
    </>
  );
}

function SessionChips({ session }: { readonly session: ConnectionView }): ReactNode {
  const now = useNow();
  const { application, policies } = sessionFacts(session);
  const [words, tone] = stateWords(session, now);
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-2 text-12 text-text-2">
      <Chip tone={tone}>{words}</Chip>
      <span>
        {moment(session.at, now)}
        {session.end === null ? '' : ` – ${moment(session.end.at, now)}`}
      </span>
      <span className="break-all">{application}</span>
      <span>{policies.join(', ')}</span>
    </span>
  );
}

function useStatements(id: string, isLive: boolean): UseInfiniteQueryResult<InfiniteData<Statements>> {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [apiKey, 'statements', id],
    ...(isLive ? { refetchInterval: 2_000 } : {}),
    initialPageParam: '',
    getNextPageParam: (last: Statements) => last.next,
    queryFn: async ({ pageParam }) =>
      await api.listStatements({
        query: { session: id, limit: pageSize, ...(pageParam === '' ? {} : { after: pageParam }) },
      }),
  });
}

function Recorded({ session, id }: { readonly session: ConnectionView; readonly id: string }): ReactNode {
  const isLive = session.end === null;
  const [{ at: linked }] = useSearchParams();
  const controlPlane = useStatus().data?.account?.controlPlane ?? '';
  const statements = useStatements(id, isLive);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = statements;
  return (
    <>
      <SessionActions session={session} />
      <FetchedContent query={statements} what="the statements">
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return (
            <>
              <Missing session={session} statements={items} hasMore={hasNextPage} />
              {hasNextPage ? (
                <p className="flex flex-wrap items-center gap-2 px-4 py-2 text-text-2">
                  The last {items.length.toLocaleString()} statements are shown.
                  <Button unavailable={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                    {isFetchingNextPage ? 'Reading…' : 'Show older statements'}
                  </Button>
                </p>
              ) : null}
              {items.length === 0 ? (
                <Empty title="Nothing ran in this session">
                  {isLive ? 'Statements appear here as they are recorded.' : undefined}
                </Empty>
              ) : (
                <Player
                  steps={replaySteps(items)}
                  isLive={isLive}
                  openedEpoch={sessionFacts(session).epoch}
                  linked={linked ?? null}
                  linkTo={(step) =>
                    `${controlPlane}/console/#/admin/sessions/${encodeURIComponent(id)}?at=${encodeURIComponent(step.id)}`
                  }
                />
              )}
            </>
          );
        }}
      </FetchedContent>
    </>
  );
}

/** What the recording does not have, and why. */
function Missing({
  session,
  statements,
  hasMore,
}: {
  readonly session: ConnectionView;
  readonly statements: Statements['items'];
  readonly hasMore: boolean;
}): ReactNode {
  const now = useNow();
  const kept = useRead(['retention'], async (api) => await api.getAuditRetention());
  const agents = useRead(['agents'], async (api) => await api.listAgents({ query: {} }), { every: 10_000 });
  const agent = agents.data?.items.find(({ id }) => id === session.agent);
  const pieces = missingPieces({
    session,
    statements,
    hasMore,
    keptDays: kept.data?.statements ?? null,
    agent:
      agent === undefined
        ? null
        : {
            isAway: agent.condition === 'offline' || agent.condition === 'revoked',
            undelivered: agent.health?.undelivered ?? 0,
          },
    now,
  });
  if (pieces.length === 0) return null;
  return (
    <div className="px-4 py-2">
      <Notice severity="warning" title="This recording is not whole">
        <ul className="flex flex-col gap-1">
          {pieces.map((piece) => (
            <li key={piece}>{piece}</li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
