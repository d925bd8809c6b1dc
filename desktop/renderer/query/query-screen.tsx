/** The query editor: tabs, the text, the schema beside it, results below (ux D3). */
import { toAppError } from '@daam/shared/errors/app-error';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { EditorTab, SavedQuery } from '../../ipc/schema.ts';
import { useBridge, useBridgeState, useCapabilities } from '../bridge/bridge-context.ts';
import { useDatabases, useObjects } from '../bridge/use-engine-data.ts';
import { useSettings } from '../bridge/use-settings.ts';
import { RequestSheet } from '../requests/request-sheet.tsx';
import type { RequestPrefill } from '../requests/request-form.tsx';
import { useAnnounce } from '../shell/announcer.tsx';
import { useCommands } from '../shell/commands.ts';
import { useShortcuts } from '../shell/shortcuts/use-shortcuts.ts';
import { setCursor } from '../shell/cursor.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { PageHeader } from '../ui/page.tsx';
import { Problem } from '../ui/states.tsx';
import type { ResultGridHandle } from '../ui/result-grid/result-grid.tsx';
import { Split } from '../ui/split.tsx';
import { useStoredChoice } from '../ui/stored-choice.ts';
import { CautionBar, PolicyBar, TransactionBar } from './bars.tsx';
import { CheckSheet } from './check-sheet.tsx';
import { EditorPane } from './editor/editor-pane.tsx';
import { maskWords } from './editor/marks.ts';
import type { SqlEditor } from './editor/sql-editor.ts';
import { EmptyQuery } from './empty-query.tsx';
import {
  activateNeighbour,
  changeTab,
  closeTab,
  moveTab,
  openTab,
  reopenTab,
  useQueryStore,
} from './query-store.ts';
import { wordEnd } from './results/messages.tsx';
import { ResultArea } from './results/result-area.tsx';
import { RunBar } from './run-bar.tsx';
import { SaveDialog } from './save-dialog.tsx';
import { SidePane } from './side/side-pane.tsx';
import type { SidePart } from './side/side-pane.tsx';
import { TabStrip } from './tab-strip.tsx';
import { useQueryData } from './use-query-data.ts';
import { useRunner } from './use-runner.ts';

export function QueryScreen(): ReactNode {
  const { queryEditor } = useCapabilities();
  const isLost = useBridgeState().kind !== 'open';
  if (!queryEditor && !isLost) {
    return (
      <>
        <PageHeader title="Query" />
        <p className="max-w-xl px-4 py-4 text-text-2">
          Queries run in the desktop app only: here their results would have to pass the control plane in
          clear.
        </p>
      </>
    );
  }
  return <Editor />;
}

type Overlay =
  | { readonly kind: 'save' }
  | { readonly kind: 'check'; readonly sql: string }
  | { readonly kind: 'close'; readonly tab: string }
  | { readonly kind: 'request'; readonly prefill: RequestPrefill };

function Editor(): ReactNode {
  useQueryData();
  const bridge = useBridge();
  const announce = useAnnounce();
  const databases = useDatabases().data ?? [];
  const settings = useSettings();
  const { isReady, tabs, active, queries, results } = useQueryStore();
  const tab = tabs.find(({ id }) => id === active);
  const query = tab === undefined ? undefined : queries[tab.id];
  const database = databases.find(({ id }) => id === tab?.database);
  const objects = useObjects(tab?.database ?? null).data ?? null;
  const editor = useRef<SqlEditor | null>(null);
  const grid = useRef<ResultGridHandle | null>(null);
  const runner = useRunner(tab, editor);
  const [hasSelection, setHasSelection] = useState(false);
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const [part, setPart] = useState<SidePart>('schema');
  const [side, setSide] = useStoredChoice('daam.query.side');
  const [below, setBelow] = useStoredChoice('daam.query.results');
  const openTabs = useMemo(() => tabs.map(({ id }) => id), [tabs]);
  const shownResults = (query?.results ?? []).flatMap((id) => {
    const result = results[id];
    return result === undefined ? [] : [result];
  });
  useAddress(isReady);
  useProblemMark({ query, sent: runner.sentOf(tab?.id ?? ''), editor });
  useRunWords(query, shownResults.at(-1)?.maskedColumns ?? 0);

  const act = (call: Promise<unknown>): void => void call.catch(runner.setProblem);
  const actions = {
    run: () => runner.run('current', 'run'),
    runAll: () => runner.run('all', 'run'),
    explain: () => runner.run('current', 'plan'),
    measure: () => runner.run('current', 'measure'),
    cancel: () => {
      performance.mark('query:cancel');
      if (tab !== undefined) act(bridge.call('cancelQuery', { tab: tab.id }));
    },
    endSession: () => {
      if (tab !== undefined) act(bridge.call('endSession', { tab: tab.id }));
    },
    check: () => {
      const range = editor.current?.toRun() ?? null;
      const text = editor.current?.text() ?? '';
      if (range !== null) setOverlay({ kind: 'check', sql: text.slice(range.from, range.to) });
    },
    format: () => act(formatText(editor.current, settings.editor.tabSize)),
    save: () => setOverlay({ kind: 'save' }),
  };

  function newTab(changes: Partial<Omit<EditorTab, 'id'>> = {}): void {
    openTab({ database: tab?.database ?? defaultDatabase(), ...changes });
    requestAnimationFrame(() => editor.current?.focus());
  }

  function defaultDatabase(): string | null {
    const open = databases.filter(({ blocked }) => blocked === null);
    return (open.find(({ connection }) => connection.kind === 'connected') ?? open[0])?.id ?? null;
  }

  function close(id: string): void {
    const session = queries[id]?.session;
    const isBusy = queries[id]?.run?.state === 'running';
    if (isBusy || (session?.kind === 'open' && session.transaction !== 'none')) {
      setOverlay({ kind: 'close', tab: id });
    } else closeNow(id);
  }

  function closeNow(id: string): void {
    setOverlay(null);
    closeTab(id);
    act(bridge.call('closeQuery', { tab: id }));
  }

  function openSaved(saved: SavedQuery): void {
    newTab({
      title: saved.name,
      sql: saved.sql,
      savedQuery: saved.id,
      ...(saved.database === null ? {} : { database: saved.database }),
    });
  }

  function request(table: string, column: string | null, isUnmask: boolean): void {
    const range = editor.current?.toRun() ?? null;
    const statement = range === null ? '' : (editor.current?.text().slice(range.from, range.to) ?? '');
    setOverlay({
      kind: 'request',
      prefill: { database: database?.name ?? null, table, column, isUnmask, statement },
    });
  }

  function explainHere(): void {
    const reference = editor.current?.maskAtCursor() ?? null;
    if (reference === null) return announce('Nothing is masked here.');
    announce(maskWords(reference));
  }

  // On a narrow window the text comes first, until the person asks for the schema.
  const isSideShown = side === null ? window.innerWidth >= 720 : side !== 'hidden';
  const isBelowShown =
    below !== 'hidden' && query !== undefined && (query.run !== null || shownResults.length > 0);
  const commands = {
    newTab: () => newTab(),
    closeTab: () => {
      if (active !== null) close(active);
    },
    reopenTab,
    nextTab: () => activateNeighbour(1),
    previousTab: () => activateNeighbour(-1),
    tabLeft: () => {
      if (active !== null) moveTab(active, -1);
    },
    tabRight: () => {
      if (active !== null) moveTab(active, 1);
    },
    run: actions.run,
    runAll: actions.runAll,
    cancel: actions.cancel,
    explain: actions.explain,
    format: actions.format,
    save: actions.save,
    history: () => {
      setSide('shown');
      setPart('history');
    },
    toggleResults: () => setBelow(below === 'hidden' ? 'shown' : 'hidden'),
    sidebar: () => setSide(isSideShown ? 'hidden' : 'shown'),
    editorOrGrid: () => {
      const isInGrid = document.activeElement?.closest('[role=grid]') instanceof Element;
      if (isInGrid) editor.current?.focus();
      else grid.current?.focus();
    },
    whyHere: explainHere,
  };
  useShortcuts(commands);
  useCommands(
    [
      { id: 'q-new', title: 'New query', group: 'Query', run: commands.newTab },
      { id: 'q-run', title: 'Run statement', group: 'Query', run: actions.run },
      { id: 'q-all', title: 'Run all', group: 'Query', run: actions.runAll },
      { id: 'q-explain', title: 'Explain', group: 'Query', run: actions.explain },
      { id: 'q-check', title: 'What would happen?', group: 'Query', run: actions.check },
      { id: 'q-format', title: 'Format', group: 'Query', run: actions.format },
      { id: 'q-save', title: 'Save query', group: 'Query', run: actions.save },
      { id: 'q-history', title: 'History', group: 'Query', run: commands.history },
      {
        id: 'q-side',
        title: isSideShown ? 'Hide the schema' : 'Show the schema',
        group: 'Query',
        run: commands.sidebar,
      },
    ],
    `${active ?? ''}${isSideShown}`,
  );

  return (
    <>
      <h1 className="sr-only">Query</h1>
      <TabStrip tabs={tabs} active={active} databases={databases} onNew={() => newTab()} onClose={close} />
      {tab === undefined ? (
        <EmptyQuery isReady={isReady} databases={databases} onNew={newTab} onOpen={openSaved} />
      ) : (
        <div id="query-panel" role="tabpanel" aria-label={tab.title} className="flex min-h-0 flex-1 flex-col">
          <RunBar
            key={`${tab.id}-${query?.run?.id ?? ''}`}
            tab={tab}
            query={query}
            database={database}
            databases={databases}
            hasSelection={hasSelection}
            isSideShown={isSideShown}
            onSide={() => setSide(isSideShown ? 'hidden' : 'shown')}
            actions={actions}
          />
          {query === undefined ? null : (
            <>
              <TransactionBar
                query={query}
                isProduction={database?.environment === 'production'}
                onEnd={(how) => act(bridge.call('endTransaction', { tab: tab.id, how }))}
              />
              <Dismissible key={query.policyChanged?.at ?? ''}>
                {(dismiss) => <PolicyBar query={query} onClose={dismiss} />}
              </Dismissible>
            </>
          )}
          {runner.asked === null ? null : (
            <CautionBar cautions={runner.asked.cautions} onRun={runner.confirm} onClose={runner.dismiss} />
          )}
          {runner.problem === null ? null : (
            <div className="border-b border-border px-2.5 py-1.5">
              <Problem
                error={runner.problem}
                actions={<Button onClick={runner.clearProblem}>Dismiss</Button>}
              />
            </div>
          )}
          <Split
            id="query-side"
            label="Width of the schema"
            direction="horizontal"
            sized="first"
            initial={260}
            min={180}
            max={520}
            first={
              isSideShown ? (
                <SidePane
                  part={part}
                  onPart={setPart}
                  database={tab.database}
                  onInsert={(text) => editor.current?.insert(text)}
                  onReplace={(text) => editor.current?.insert(text)}
                  onOpen={openSaved}
                />
              ) : null
            }
            second={
              <Split
                id="query-results"
                label="Height of the editor"
                direction="vertical"
                sized="first"
                initial={240}
                min={96}
                max={900}
                first={
                  <EditorPane
                    ref={editor}
                    tab={tab}
                    openTabs={openTabs}
                    objects={objects}
                    settings={settings.editor}
                    onCursor={(cursor) => {
                      setHasSelection(cursor.hasSelection);
                      setCursor(`Ln ${cursor.line}, Col ${cursor.column}`);
                    }}
                  />
                }
                second={
                  isBelowShown ? (
                    <ResultArea
                      key={tab.id}
                      query={query}
                      results={shownResults}
                      sent={runner.sentOf(tab.id)}
                      gridRef={grid}
                      onGoTo={(from, to) => editor.current?.select({ from, to })}
                      onRequest={request}
                      onSay={announce}
                    />
                  ) : null
                }
              />
            }
          />
        </div>
      )}
      {overlay?.kind === 'save' && tab !== undefined ? (
        <SaveDialog
          tab={tab}
          sql={editor.current?.text() ?? tab.sql}
          onClose={() => setOverlay(null)}
          onSaved={(saved) => {
            changeTab(tab.id, { title: saved.name, savedQuery: saved.id });
            setOverlay(null);
            announce(`Saved ${saved.name}.`);
          }}
        />
      ) : null}
      {overlay?.kind === 'check' && typeof tab?.database === 'string' ? (
        <CheckSheet
          database={tab.database}
          sql={overlay.sql}
          onClose={() => setOverlay(null)}
          onRequest={() => request('', null, false)}
        />
      ) : null}
      {overlay?.kind === 'request' ? (
        <RequestSheet prefill={overlay.prefill} onClose={() => setOverlay(null)} />
      ) : null}
      <Confirm
        title="Close this tab?"
        confirmLabel="Close tab"
        isDanger
        isOpen={overlay?.kind === 'close'}
        onClose={() => setOverlay(null)}
        onConfirm={() => {
          if (overlay?.kind === 'close') closeNow(overlay.tab);
        }}
      >
        Its statement is cancelled and its open transaction is rolled back.
      </Confirm>
    </>
  );
}

function Dismissible({ children }: { readonly children: (dismiss: () => void) => ReactNode }): ReactNode {
  const [isShown, setShown] = useState(true);
  return isShown ? children(() => setShown(false)) : null;
}

/** A link to the editor may name a database or a saved query; it opens a tab, and runs nothing. */
function useAddress(isReady: boolean): void {
  const bridge = useBridge();
  const navigate = useNavigate();
  const { search } = useLocation();
  const { db, saved } = search as { db?: string; saved?: string };
  useEffect(() => {
    if (!isReady || (db === undefined && saved === undefined)) return;
    void navigate({ to: '/query', search: {}, replace: true });
    if (saved === undefined) {
      openTab({ database: db ?? null });
      return;
    }
    void bridge.call('listSavedQueries', {}).then((all) => {
      const found = all.find(({ id }) => id === saved);
      if (found !== undefined)
        openTab({ title: found.name, sql: found.sql, savedQuery: found.id, database: db ?? found.database });
    });
  }, [bridge, navigate, isReady, db, saved]);
}

/** Underlines where the last run failed. */
function useProblemMark(options: {
  readonly query: ReturnType<typeof useQueryStore.getState>['queries'][string] | undefined;
  readonly sent: { readonly sql: string; readonly from: number };
  readonly editor: { readonly current: SqlEditor | null };
}): void {
  const { query, sent, editor } = options;
  const position = query?.run?.statements.find(({ error }) => error !== null)?.error?.position ?? null;
  const run = query?.run?.id;
  useEffect(() => {
    if (position === null) return;
    editor.current?.showProblem({ from: sent.from + position, to: sent.from + wordEnd(sent.sql, position) });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each run: typing removes the mark
  }, [run, position]);
}

/** Says how a run ended, once. */
function useRunWords(
  query: ReturnType<typeof useQueryStore.getState>['queries'][string] | undefined,
  masked: number,
): void {
  const announce = useAnnounce();
  const run = query?.run ?? null;
  const said = useRef<string | null>(run?.id ?? null);
  const state = run?.state;
  useEffect(() => {
    if (run === null || state === 'running' || state === 'cancelling' || said.current === run.id) return;
    said.current = run.id;
    const rows = run.statements.reduce((sum, statement) => sum + statement.rows, 0).toLocaleString();
    const masks = masked === 0 ? '' : `, ${masked} ${masked === 1 ? 'column' : 'columns'} masked`;
    if (state === 'done') announce(`Done: ${rows} rows${masks}.`);
    else if (state === 'cancelled') announce(`Cancelled, ${rows} rows received.`);
    else announce('It failed: see the messages.');
  }, [announce, run, state, masked]);
}

async function formatText(editor: SqlEditor | null, tabWidth: number): Promise<void> {
  if (editor === null) return;
  const { format } = await import('sql-formatter');
  try {
    editor.replaceAll(format(editor.text(), { language: 'postgresql', tabWidth, keywordCase: 'preserve' }));
  } catch (thrown) {
    throw toAppError(thrown);
  }
}
