import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { Database, EditorTab, Query } from '../../ipc/schema.ts';
import { useKeyboard } from '../shell/shortcuts/use-shortcuts.ts';
import { useStatus } from '../bridge/use-engine-data.ts';
import { PanelLeft } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { AccessChip } from './access-chip.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import { Select } from '../ui/select.tsx';
import { changeTab } from './query-store.ts';

export interface RunBarProps {
  readonly tab: EditorTab;
  readonly query: Query | undefined;
  readonly database: Database | undefined;
  readonly databases: readonly Database[];
  readonly hasSelection: boolean;
  readonly isSideShown: boolean;
  readonly onSide: () => void;
  readonly actions: RunActions;
}

export interface RunActions {
  readonly run: () => void;
  /** Beside the results that are there, not in their place. */
  readonly runKeeping: () => void;
  readonly runAll: () => void;
  readonly cancel: () => void;
  readonly endSession: () => void;
  readonly explain: () => void;
  readonly measure: () => void;
  readonly check: () => void;
  readonly format: () => void;
  readonly save: () => void;
}

const noDatabase = '-';
/** Milliseconds of waiting for a cancel until ending the session is offered. */
const cancelPatience = 3_000;

/** What can be done with the text, where it runs, and as whom. */
export function RunBar(props: RunBarProps): ReactNode {
  const { tab, query, database, databases, hasSelection, actions } = props;
  const { words } = useKeyboard();
  const state = query?.run?.state;
  const isBusy = state === 'running' || state === 'cancelling';
  return (
    <div className="flex min-h-9 flex-none flex-wrap items-center gap-2 border-b border-border px-2.5 py-1">
      <IconButton
        icon={PanelLeft}
        label="Schema, saved and history"
        pressed={props.isSideShown}
        onClick={props.onSide}
      />
      {isBusy ? (
        <CancelButtons key={query?.run?.id} isCancelling={state === 'cancelling'} actions={actions} />
      ) : (
        <Button look="primary" unavailable={database === undefined} onClick={actions.run}>
          {hasSelection ? 'Run selection' : 'Run statement'}
          <kbd className="rounded-chip border border-[rgb(255_255_255/0.45)] px-1 font-data text-11">
            {words('run')}
          </kbd>
        </Button>
      )}
      <Button unavailable={isBusy || database === undefined} onClick={actions.runAll}>
        Run all
      </Button>
      <Button unavailable={isBusy || database === undefined} onClick={actions.explain}>
        Explain
      </Button>
      <Menu
        trigger={
          <button
            type="button"
            aria-label="More for this query"
            className="inline-flex h-7 items-center rounded-control border border-control px-2 hover:bg-sunken"
          >
            ⋯
          </button>
        }
        items={[
          {
            id: 'check',
            label: 'What would happen?',
            detail: 'Verdict, tables and masks; nothing is run',
            onSelect: actions.check,
            disabled: database === undefined,
          },
          {
            id: 'measure',
            label: 'Explain and measure',
            detail: 'Runs the statement',
            onSelect: actions.measure,
            disabled: isBusy || database === undefined,
          },
          { kind: 'separator', id: 'line' },
          { id: 'format', label: 'Format', keys: words('format'), onSelect: actions.format },
          { id: 'save', label: 'Save query', keys: words('save'), onSelect: actions.save },
          {
            id: 'transaction',
            label: 'Transactions by hand',
            detail: 'Nothing is kept until you commit',
            checked: tab.transaction === 'manual',
            onSelect: () =>
              changeTab(tab.id, { transaction: tab.transaction === 'manual' ? 'auto' : 'manual' }),
          },
        ]}
      />
      <Select
        label="Database"
        isLabelHidden
        className="w-44"
        value={tab.database ?? noDatabase}
        options={[
          { value: noDatabase, label: 'Choose a database' },
          ...databases.map(({ id, name, environment }) => ({
            value: id,
            label: name,
            ...(environment === null ? {} : { detail: environment }),
          })),
        ]}
        onChange={(value) => changeTab(tab.id, { database: value === noDatabase ? null : value })}
      />
      {tab.transaction === 'manual' ? <span className="text-12 text-warn">Transactions by hand</span> : null}
      <As database={database} />
      {database === undefined ? null : <AccessChip database={database.name} />}
    </div>
  );
}

function As({ database }: { readonly database: Database | undefined }): ReactNode {
  const email = useStatus().data?.account?.email;
  if (database === undefined || email === undefined) return null;
  const policies = database.access.policies
    .map(({ name, version }) => (version === null ? name : `${name} v${version}`))
    .join(', ');
  return (
    <span className="min-w-0 truncate text-text-2 max-narrow:hidden">
      as <b className="font-medium text-text">{email}</b>
      {policies === '' ? null : (
        <>
          {' '}
          via <b className="font-medium text-text">{policies}</b>
        </>
      )}
    </span>
  );
}

function CancelButtons({
  isCancelling,
  actions,
}: {
  readonly isCancelling: boolean;
  readonly actions: RunActions;
}): ReactNode {
  const [isPressed, setPressed] = useState(false);
  const [isSlow, setSlow] = useState(false);
  const isWaiting = isPressed || isCancelling;
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => setSlow(true), cancelPatience);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  return (
    <>
      <Button
        look="danger"
        unavailable={isWaiting}
        onClick={() => {
          setPressed(true);
          actions.cancel();
        }}
      >
        {isWaiting ? 'Cancelling…' : 'Cancel'}
      </Button>
      {isSlow ? (
        <Button look="danger" onClick={actions.endSession}>
          End session
        </Button>
      ) : null}
    </>
  );
}
