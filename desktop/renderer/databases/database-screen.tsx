/** The panel of one database: its port, how to connect, what goes through it, and checks (ux D2). */
import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { fromBridgeError } from '../../ipc/errors.ts';
import type { ConnectionDetails, Database } from '../../ipc/schema.ts';
import { useBridge, useBridgeState, useCapabilities } from '../bridge/bridge-context.ts';
import { useConnectionDetails, useDatabases } from '../bridge/use-engine-data.ts';
import { Checks } from '../settings/checks-section.tsx';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EnvironmentChip } from '../ui/marks.tsx';
import { Notice } from '../ui/notice.tsx';
import { Facts, PageHeader, Section } from '../ui/page.tsx';
import { Empty, FetchedContent, Problem } from '../ui/states.tsx';
import { Switch } from '../ui/checkbox.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useNow } from '../ui/use-now.ts';
import { moment, span } from '../ui/time.ts';
import { accessWords } from './access-words.ts';
import { FormatList } from './format-list.tsx';
import { pathWords } from './path-words.ts';

export function DatabaseScreen(): ReactNode {
  const { name } = useParams({ strict: false }) as { name: string };
  const databases = useDatabases();
  return (
    <FetchedContent query={databases} what="the database">
      {(all) => {
        const database = all.find((candidate) => candidate.name === name || candidate.id === name);
        return database === undefined ? (
          <>
            <PageHeader title={name} />
            <Empty title="This database is not among yours" actions={<a href="#/databases">All databases</a>}>
              It was removed, or no policy gives it to you now.
            </Empty>
          </>
        ) : (
          <Panel key={database.id} database={database} />
        );
      }}
    </FetchedContent>
  );
}

function Panel({ database }: { readonly database: Database }): ReactNode {
  const bridge = useBridge();
  const navigate = useNavigate();
  const isLive = useBridgeState().kind === 'open';
  const { queryEditor } = useCapabilities();
  const [failure, setFailure] = useState<AppError | null>(null);
  const { connection } = database;
  const isConnected = connection.kind === 'connected';
  const problem = failure ?? (connection.kind === 'failed' ? fromBridgeError(connection.error) : null);
  async function perform(method: 'connect' | 'disconnect'): Promise<void> {
    setFailure(null);
    try {
      await bridge.call(method, { database: database.id });
    } catch (thrown) {
      setFailure(toAppError(thrown));
    }
  }
  return (
    <>
      <PageHeader
        title={database.name}
        actions={
          <>
            {queryEditor ? (
              <Button
                unavailable={database.blocked !== null}
                onClick={() => void navigate({ to: '/query', search: { db: database.id } })}
              >
                Query
              </Button>
            ) : null}
            <Button
              look={isConnected ? 'secondary' : 'primary'}
              unavailable={!isLive || (!isConnected && database.blocked !== null)}
              onClick={() => void perform(isConnected ? 'disconnect' : 'connect')}
            >
              {isConnected ? 'Disconnect' : connection.kind === 'connecting' ? 'Connecting…' : 'Connect'}
            </Button>
          </>
        }
      >
        <EnvironmentChip environment={database.environment} />
        {isConnected ? <Chip tone="ok">connected</Chip> : null}
      </PageHeader>
      {problem === null ? null : (
        <div className="px-4 py-3">
          <Problem error={problem} onRetry={() => void perform('connect')} />
        </div>
      )}
      {database.blocked === null ? null : (
        <div className="px-4 py-3">
          <Notice severity="warning" title={database.blocked.message} code={database.blocked.code}>
            {database.blocked.hint}
          </Notice>
        </div>
      )}
      <Section title="What you get">
        <p>{accessWords(database.access)}</p>
      </Section>
      <div className="grid wide:grid-cols-2">
        <PortSection database={database} />
        {connection.kind === 'connected' ? (
          <FormatList name={database.name} local={connection.local} />
        ) : (
          <Section title="Connect with">
            <p className="text-text-2">Connect to see what to paste into psql and other programs.</p>
          </Section>
        )}
      </div>
      <Live database={database} />
      <Section title="Checks">
        <Checks database={database.id} />
      </Section>
    </>
  );
}

function PortSection({ database }: { readonly database: Database }): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const details = useConnectionDetails(database.id);
  const [problem, setProblem] = useState<string | null>(null);
  const [free, setFree] = useState<number | null>(null);

  async function change(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const port = Number(new FormData(event.currentTarget).get('port'));
    if (!Number.isInteger(port) || port < 1_024 || port > 65_535)
      return setProblem('A number from 1024 to 65535.');
    setProblem(null);
    setFree(null);
    try {
      const checked = port === database.port ? null : await bridge.call('checkPort', { port });
      if (checked?.isFree === false) {
        setFree(checked.nextFree);
        return setProblem(`${port} is used by another program.`);
      }
      await bridge.call('setPort', { database: database.id, port });
      announce(`${database.name} now has port ${port}.`);
    } catch (thrown) {
      setProblem(toAppError(thrown).message);
    }
  }

  return (
    <Section title="Port">
      <form key={database.port} onSubmit={(event) => void change(event)} className="flex items-start gap-2">
        <TextField
          label="Local port"
          hint="It stays the same on this device. Changing it ends the sessions through it."
          name="port"
          inputMode="numeric"
          isData
          className="w-56"
          defaultValue={database.port ?? ''}
          error={problem}
        />
        <span className="pt-6">
          <Button type="submit">Change</Button>
        </span>
        {free === null ? null : (
          <span className="pt-6">
            <Button
              onClick={() => {
                setProblem(null);
                setFree(null);
                void bridge.call('setPort', { database: database.id, port: free });
              }}
            >
              Use {free}
            </Button>
          </span>
        )}
      </form>
      {details.data === undefined ? null : <Listening details={details.data} />}
    </Section>
  );
}

function Listening({ details }: { readonly details: ConnectionDetails }): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  return (
    <div className="mt-3 flex flex-col gap-2">
      <Facts
        facts={[
          [
            'Listens at',
            details.local === null ? 'Not connected' : `${details.local.host}:${details.local.port}`,
          ],
          ...(details.socket === null
            ? []
            : [
                [
                  'Socket',
                  <span key="socket" className="font-data text-12 break-all">
                    {details.socket}
                  </span>,
                ] as const,
              ]),
          [
            'Password',
            details.hasLocalPassword ? 'Asked for' : 'None: every user of this machine reaches the port',
          ],
        ]}
      />
      <Switch
        label="TLS on local ports"
        hint={
          details.tls.caFile === null
            ? 'Only for programs that insist on it: the way to the agent is encrypted without it.'
            : `Its certificate authority: ${details.tls.caFile}`
        }
        checked={details.tls.isOn}
        onChange={(isOn) => {
          bridge
            .call('switchLocalTls', { to: isOn ? 'on' : 'off' })
            .catch((thrown: unknown) => announce(toAppError(thrown).message));
        }}
      />
    </div>
  );
}

function Live({ database }: { readonly database: Database }): ReactNode {
  const now = useNow();
  const details = useConnectionDetails(database.id);
  return (
    <Section
      title="Sessions through this port"
      actions={<Button onClick={() => void details.refetch()}>Refresh</Button>}
    >
      <FetchedContent query={details} what="the sessions">
        {(data) => (
          <>
            {data.sessions.length === 0 ? (
              <p className="text-text-2">No program is connected now.</p>
            ) : (
              <DataTable
                label="Sessions"
                rows={data.sessions}
                rowKey={({ id }) => id}
                columns={[
                  { id: 'program', header: 'Program', render: ({ program }) => program ?? 'Not told' },
                  { id: 'age', header: 'Since', render: ({ since }) => span(Date.parse(since), now) },
                  {
                    id: 'statements',
                    header: 'Statements',
                    align: 'end',
                    render: ({ statements }) => statements?.toLocaleString() ?? '?',
                  },
                  {
                    id: 'rows',
                    header: 'Rows',
                    align: 'end',
                    render: ({ rows }) => rows?.toLocaleString() ?? '?',
                  },
                ]}
              />
            )}
            {data.paths.length === 0 ? null : (
              <>
                <h3 className="mt-3 mb-1 font-medium">Way to the agent</h3>
                <ul className="text-text-2">
                  {data.paths.slice(0, 10).map(({ at, path, roundTripMs }) => (
                    <li key={at}>
                      {moment(at, now)}: {path === null ? 'none' : pathWords(path)}
                      {roundTripMs === null ? '' : `, ${Math.round(roundTripMs)} ms`}
                    </li>
                  ))}
                </ul>
              </>
            )}
            {data.lastError === null ? null : (
              <p className="mt-2 text-12 text-bad">
                {moment(data.lastError.at, now)}: {data.lastError.error.message} ({data.lastError.error.code})
              </p>
            )}
          </>
        )}
      </FetchedContent>
    </Section>
  );
}
