/** The statement player (ux A7): what ran in a session, how it was decided, and how it went. */
import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { ExportButton } from '../audit/export-button.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useIsAdmin, useRead } from '../use-console.ts';
import { Player } from './player.tsx';
import { replaySteps, sessionFacts } from './replay-model.ts';

/** The newest so many statements are loaded. */
const maxStatements = 500;

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
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-2 text-12 text-text-2">
      {session.end === null ? <Chip tone="ok">open</Chip> : <Chip>{session.end.reason}</Chip>}
      <span>
        {moment(session.at, now)}
        {session.end === null ? '' : ` – ${moment(session.end.at, now)}`}
      </span>
      <span className="break-all">{application}</span>
      <span>{policies.join(', ')}</span>
    </span>
  );
}

function Recorded({ session, id }: { readonly session: ConnectionView; readonly id: string }): ReactNode {
  const isLive = session.end === null;
  const statements = useRead(
    ['statements', id],
    async (api) => await api.listStatements({ query: { session: id, limit: maxStatements } }),
    isLive ? { every: 2_000 } : {},
  );
  return (
    <>
      <SessionActions session={session} />
      <FetchedContent query={statements} what="the statements">
        {({ items, next }) => (
          <>
            {next === null ? null : (
              <p className="px-4 py-2 text-text-2">
                Only the last {maxStatements} statements are shown; the export has all of them.
              </p>
            )}
            {items.length === 0 ? (
              <Empty title="Nothing ran in this session">
                {isLive ? 'Statements appear here as they are recorded.' : undefined}
              </Empty>
            ) : (
              <Player steps={replaySteps(items)} isLive={isLive} />
            )}
          </>
        )}
      </FetchedContent>
    </>
  );
}

/** Verifying what is shown; ending a session by revoking its device. */
function SessionActions({ session }: { readonly session: ConnectionView }): ReactNode {
  const isAdmin = useIsAdmin();
  const { run, failure, isBusy } = useAction();
  const [verified, setVerified] = useState<{ readonly ok: boolean; readonly records: number } | null>(null);
  const device = session.event['device'];
  return (
    <div className="flex flex-col gap-2 px-4 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          unavailable={isBusy}
          onClick={() =>
            void run(async (api) => {
              const { chains } = await api.verifyAudit();
              const chain = chains.find(
                (one) => one.chain === session.agent || one.chain.includes(session.agent),
              );
              setVerified({ ok: chain?.ok ?? false, records: chain?.records ?? 0 });
            })
          }
        >
          Verify
        </Button>
        {verified === null ? null : (
          <Chip tone={verified.ok ? 'ok' : 'bad'}>
            {verified.ok ? `chain verified, ${verified.records} records` : 'the chain does not verify'}
          </Chip>
        )}
        {isAdmin && session.end === null && typeof device === 'string' ? (
          <Button
            look="danger"
            unavailable={isBusy}
            onClick={() =>
              void run(
                async (api) => await api.revokeDevice({ params: { id: device } }),
                'The device was revoked: its sessions end now.',
              )
            }
          >
            Revoke its device
          </Button>
        ) : null}
      </div>
      <ActionProblem failure={failure} />
      {session.end === null ? (
        <Notice severity="information" title="This session is open">
          Statements are added at the end as the agent delivers them.
        </Notice>
      ) : null}
    </div>
  );
}
