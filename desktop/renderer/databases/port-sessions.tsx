/** Who is connected through a local port now, how its bytes went, and what failed last. */
import { toAppError } from '@daam/shared/errors/app-error';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ConnectionDetails, Database } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useBridgeQuery } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Section } from '../ui/page.tsx';
import { FetchedContent } from '../ui/states.tsx';
import { moment, span } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';
import { byteWords } from './byte-words.ts';
import { pathWords } from './path-words.ts';

/** How often what goes through the port is read while it is on the screen. Milliseconds. */
const lookEveryMs = 2_000;

type PortSession = ConnectionDetails['sessions'][number];

export function PortSessions({ database }: { readonly database: Database }): ReactNode {
  const now = useNow();
  const details = useBridgeQuery(
    ['connection', database.id],
    'connectionDetails',
    { database: database.id },
    database.connection.kind === 'connected' ? { refetchInterval: lookEveryMs } : {},
  );
  return (
    <Section title="Sessions through this port">
      <FetchedContent query={details} what="the sessions">
        {(data) => (
          <>
            <Sessions database={database} details={data} now={now} />
            <Paths paths={data.paths} now={now} />
            {data.lastError === null ? null : (
              <p className="mt-2 text-12 text-bad">
                Last error, {moment(data.lastError.at, now)}: {data.lastError.error.message} (
                {data.lastError.error.code})
              </p>
            )}
          </>
        )}
      </FetchedContent>
    </Section>
  );
}

interface SessionsProps {
  readonly database: Database;
  readonly details: ConnectionDetails;
  readonly now: number;
}

function Sessions({ database, details, now }: SessionsProps): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const queries = useQueryClient();
  async function end({ id, program }: PortSession): Promise<void> {
    try {
      const { ended } = await bridge.call('endPortSession', { database: database.id, session: id });
      announce(ended ? `The session of ${program ?? 'a program'} was ended.` : 'It had ended already.');
    } catch (thrown) {
      announce(toAppError(thrown).message);
    }
    await queries.invalidateQueries({ queryKey: ['connection', database.id] });
  }
  if (details.sessions.length === 0) return <p className="text-text-2">No program is connected now.</p>;
  return (
    <>
      <DataTable
        label="Sessions"
        rows={details.sessions}
        rowKey={({ id }) => id}
        columns={[
          { id: 'program', header: 'Program', render: ({ program }) => program ?? 'Not told' },
          { id: 'age', header: 'Since', render: ({ since }) => span(Date.parse(since), now) },
          { id: 'sent', header: 'Sent', align: 'end', render: ({ sent }) => byteWords(sent) },
          { id: 'received', header: 'Received', align: 'end', render: ({ received }) => byteWords(received) },
          {
            id: 'end',
            header: 'End',
            align: 'end',
            render: (session) => (
              <Button
                aria-label={`End the session of ${session.program ?? 'a program'}`}
                onClick={() => void end(session)}
              >
                End
              </Button>
            ),
          },
        ]}
      />
      {details.clients > details.sessions.length ? (
        <p className="mt-1 text-12 text-text-2">
          {details.clients} clients are connected; those that still wait, and those beyond the first{' '}
          {details.sessions.length}, are not listed.
        </p>
      ) : null}
    </>
  );
}

function Paths({ paths, now }: Pick<ConnectionDetails, 'paths'> & { readonly now: number }): ReactNode {
  if (paths.length === 0) return null;
  return (
    <>
      <h3 className="mt-3 mb-1 font-medium">Way to the agent</h3>
      <ul className="text-text-2">
        {paths.slice(0, 10).map(({ at, path, roundTripMs }) => (
          <li key={at}>
            {moment(at, now)}: {path === null ? 'none' : pathWords(path)}
            {roundTripMs === null ? '' : `, ${Math.round(roundTripMs)} ms`}
          </li>
        ))}
      </ul>
    </>
  );
}
