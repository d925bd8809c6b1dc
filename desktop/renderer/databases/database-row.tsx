import { fromBridgeError } from '../../ipc/errors.ts';
import type { Database } from '../../ipc/schema.ts';
import { useId, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useCapabilities } from '../bridge/bridge-context.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { EnvironmentChip, StateDot } from '../ui/marks.tsx';
import type { DotState } from '../ui/marks.tsx';
import { accessWords } from './access-words.ts';
import { CopyHint } from './copy-hint.tsx';
import { CopyMenu } from './copy-menu.tsx';
import { databaseElementId } from './element-id.ts';
import { listShortcuts, readShortcut } from './list-keys.ts';
import { pathWords } from './path-words.ts';
import { RowProblem } from './row-problem.tsx';
import type { DatabaseActions } from './use-database-actions.ts';

export interface DatabaseRowProps {
  readonly database: Database;
  readonly actions: DatabaseActions;
  /** False while the engine cannot be heard. */
  readonly isLive: boolean;
  readonly singleKeys: boolean;
}

/** One database: what it is, what the person gets, where it listens, what can be done. */
export function DatabaseRow({ database, actions, isLive, singleKeys }: DatabaseRowProps): ReactNode {
  const copyButton = useRef<HTMLButtonElement>(null);
  const canQuery = useCapabilities().queryEditor;
  const { connection } = database;
  const isConnected = connection.kind === 'connected';
  const canConnect = isLive && database.blocked === null;
  const problem =
    actions.problemOf(database) ?? (connection.kind === 'failed' ? fromBridgeError(connection.error) : null);

  function dismiss(): void {
    focusName(database);
    actions.dismiss(database);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const isName = event.target instanceof HTMLAnchorElement;
    if (event.target instanceof HTMLInputElement) return;
    const action = readShortcut(listShortcuts, event, singleKeys);
    if (action === 'primary' && isName) {
      event.preventDefault();
      if (!isConnected && canConnect) actions.connect(database);
      else if (isConnected) actions.open(database);
    }
    if (action === 'pin') actions.togglePin(database);
    if (action === 'copy' && isConnected) actions.copy(database);
    if (action === 'disconnect' && isConnected && isLive) actions.disconnect(database);
  }

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- shortcuts of the controls inside
    <li
      data-database={database.id}
      onKeyDown={onKeyDown}
      className="border-b border-border px-4 py-1.5 focus-within:bg-app hover:bg-app"
    >
      <div className="grid items-center gap-x-4 gap-y-1 narrow:max-wide:grid-cols-[minmax(0,1fr)_auto] narrow:max-wide:*:col-start-1 wide:min-h-8 wide:grid-cols-[minmax(0,6fr)_7.5rem_minmax(0,10fr)_minmax(0,6fr)_16rem]">
        <Name database={database} state={dotState(database, actions.isBusy(database))} />
        <span className="text-text-2">
          {database.postgresVersion === null ? null : `PostgreSQL ${database.postgresVersion}`}
        </span>
        <Access database={database} />
        <Port database={database} />
        <div className="flex justify-end gap-2 max-narrow:justify-start narrow:max-wide:col-start-2! narrow:max-wide:row-span-4 narrow:max-wide:row-start-1">
          {canQuery && canConnect ? (
            <a
              href={`#/query?db=${encodeURIComponent(database.id)}`}
              aria-label={`Query ${database.name}`}
              className={buttonClass('quiet')}
            >
              Query
            </a>
          ) : null}
          {isConnected ? (
            <CopyMenu
              name={database.name}
              local={connection.local}
              defaultFormat={actions.defaultFormat}
              onCopy={(format) => actions.copy(database, format)}
              buttonRef={copyButton}
            />
          ) : null}
          <Toggle database={database} actions={actions} isLive={isLive} />
        </div>
      </div>
      <CopyHint database={database} />
      {problem === null ? null : (
        <div className="pt-2 pb-1">
          <RowProblem
            name={database.name}
            problem={problem}
            port={database.port}
            onRetry={(port) => {
              focusName(database);
              actions.connect(database, port);
            }}
            onDismiss={actions.problemOf(database) === null ? null : dismiss}
          />
        </div>
      )}
    </li>
  );
}

const stateWords: Readonly<Record<DotState, string>> = {
  connected: 'Connected',
  connecting: 'Connecting',
  disconnected: 'Not connected',
  blocked: 'Not available',
  failed: 'Failed',
};

function Name({ database, state }: { readonly database: Database; readonly state: DotState }): ReactNode {
  const stateId = useId();
  return (
    <div className="flex min-w-0 items-center gap-2">
      <StateDot state={state} />
      <a
        id={databaseElementId(database.id)}
        href={`#/databases/${encodeURIComponent(database.name)}`}
        data-database-name=""
        aria-describedby={stateId}
        className="min-w-0 truncate rounded-chip py-0.5 font-medium hover:underline"
      >
        {database.name}
      </a>
      <EnvironmentChip environment={database.environment} />
      <span id={stateId} className="sr-only">
        {stateWords[state]}
      </span>
    </div>
  );
}

function Access({ database }: { readonly database: Database }): ReactNode {
  if (database.blocked !== null) {
    return (
      <span className="min-w-0 break-words text-text-2">
        {database.blocked.message} {database.blocked.hint}
      </span>
    );
  }
  return <span className="min-w-0 break-words text-text-2">{accessWords(database.access)}</span>;
}

function Port({ database: { connection, port } }: { readonly database: Database }): ReactNode {
  if (connection.kind === 'connected') {
    const { local, path } = connection;
    return (
      <span className="whitespace-nowrap">
        <span className="font-data">
          {local.host}:{local.port}
        </span>
        {path === null ? null : <span className="text-text-2"> {pathWords(path)}</span>}
      </span>
    );
  }
  return <span className="whitespace-nowrap text-text-2">{port === null ? null : `Port ${port}`}</span>;
}

/** Connect and Disconnect are one button, so that the focus stays where it was pressed. */
function Toggle({ database, actions, isLive }: Omit<DatabaseRowProps, 'singleKeys'>): ReactNode {
  const isConnected = database.connection.kind === 'connected';
  const isConnecting =
    !isConnected && (actions.isBusy(database) || database.connection.kind === 'connecting');
  const word = isConnected ? 'Disconnect' : isConnecting ? 'Connecting' : 'Connect';
  return (
    <Button
      look={isConnected ? 'secondary' : 'primary'}
      unavailable={!isLive || isConnecting || (!isConnected && database.blocked !== null)}
      aria-label={`${word} ${database.name}`}
      onClick={() => (isConnected ? actions.disconnect(database) : actions.connect(database))}
    >
      {isConnecting ? 'Connecting…' : word}
    </Button>
  );
}

/** Before a control with the focus goes away. */
function focusName({ id }: Database): void {
  document.getElementById(databaseElementId(id))?.focus();
}

function dotState({ connection, blocked }: Database, isBusy: boolean): DotState {
  if (connection.kind === 'connected') return 'connected';
  if (isBusy || connection.kind === 'connecting') return 'connecting';
  if (connection.kind === 'failed') return 'failed';
  return blocked === null ? 'disconnected' : 'blocked';
}
