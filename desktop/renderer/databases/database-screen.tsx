/** The panel of one database: its port, how to connect, what goes through it, and checks (ux D2). */
import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { fromBridgeError } from '../../ipc/errors.ts';
import type { Database } from '../../ipc/schema.ts';
import { useBridge, useBridgeState, useCapabilities } from '../bridge/bridge-context.ts';
import { useDatabases } from '../bridge/use-engine-data.ts';
import { InTheApp } from '../shell/in-the-app.tsx';
import { Checks } from '../settings/checks-section.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { EnvironmentChip } from '../ui/marks.tsx';
import { Notice } from '../ui/notice.tsx';
import { PageHeader, Section } from '../ui/page.tsx';
import { Empty, FetchedContent, Problem } from '../ui/states.tsx';
import { accessWords } from './access-words.ts';
import { FormatList } from './format-list.tsx';
import { PortSection } from './port-section.tsx';
import { PortSessions } from './port-sessions.tsx';

export function DatabaseScreen(): ReactNode {
  const { name } = useParams({ strict: false }) as { name: string };
  const databases = useDatabases();
  const { localPort } = useCapabilities();
  const isOpen = useBridgeState().kind === 'open';
  if (isOpen && !localPort) {
    return (
      <InTheApp
        title={name}
        view="connect"
        database={name}
        reason="A database is reached through a port of your own machine, which a page of the control plane cannot open."
      />
    );
  }
  return (
    <>
      {databases.data === undefined ? <PageHeader title={name} /> : null}
      <FetchedContent query={databases} what="the database">
        {(all) => {
          const database = all.find((candidate) => candidate.name === name || candidate.id === name);
          return database === undefined ? (
            <>
              <PageHeader title={name} />
              <Empty
                title="This database is not among yours"
                actions={
                  <a href="#/databases" className={buttonClass()}>
                    All databases
                  </a>
                }
              >
                It was removed, or no policy gives it to you now.
              </Empty>
            </>
          ) : (
            <Panel key={database.id} database={database} />
          );
        }}
      </FetchedContent>
    </>
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
      <div className="grid grid-cols-1 wide:grid-cols-2">
        <PortSection database={database} />
        {connection.kind === 'connected' ? (
          <FormatList database={database} local={connection.local} />
        ) : (
          <Section title="Connect with">
            <p className="text-text-2">Connect to see what to paste into psql and other programs.</p>
          </Section>
        )}
      </div>
      <PortSessions database={database} />
      <Section title="Checks">
        <Checks database={database.id} />
      </Section>
    </>
  );
}
