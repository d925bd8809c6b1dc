/** The query editor: tabs, the text, the schema beside it, results below (ux D3). */
import { useLocation } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useBridgeState, useCapabilities } from '../bridge/bridge-context.ts';
import { useDatabases, useObjects } from '../bridge/use-engine-data.ts';
import { useSettings } from '../bridge/use-settings.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { InTheApp } from '../shell/in-the-app.tsx';
import { setCursor } from '../shell/cursor.ts';
import type { ResultGridHandle } from '../ui/result-grid/result-grid.tsx';
import { Split } from '../ui/split.tsx';
import { Loading } from '../ui/states.tsx';
import { useStoredChoice } from '../ui/stored-choice.ts';
import { EditorPane } from './editor/editor-pane.tsx';
import type { SqlEditor } from './editor/sql-editor.ts';
import { EmptyQuery } from './empty-query.tsx';
import { QueryBars } from './query-bars.tsx';
import { QueryOverlays } from './query-overlays.tsx';
import type { QueryOverlay } from './query-overlays.tsx';
import { useQueryStore } from './query-store.ts';
import { ResultArea } from './results/result-area.tsx';
import { RunBar } from './run-bar.tsx';
import { useProblemMark, useRunWords } from './run-effects.ts';
import { SidePane } from './side/side-pane.tsx';
import type { SidePart } from './side/side-pane.tsx';
import { useTabFromAddress } from './tab-address.ts';
import { TabStrip } from './tab-strip.tsx';
import { useEditorActions } from './use-editor-actions.ts';
import { useQueryCommands } from './use-query-commands.ts';
import { useQueryData } from './use-query-data.ts';
import { useRunner } from './use-runner.ts';

export function QueryScreen(): ReactNode {
  const { queryEditor } = useCapabilities();
  const reading = useQueryStore((store) => store.reading);
  const isLost = useBridgeState().kind !== 'open';
  const { db } = useLocation().search as { db?: string };
  if (!queryEditor && !isLost) {
    return (
      <InTheApp
        title="Query"
        view="query"
        reason="Queries run in the desktop app only: here their results would have to pass the control plane in clear."
        {...(db === undefined ? {} : { database: db })}
      />
    );
  }
  return <Editor key={reading} />;
}

function Editor(): ReactNode {
  const model = useEditor();
  const { tab, tabs, active, databases, actions, isReady, isAddressOpening } = model;
  return (
    <>
      <h1 className="sr-only">Query</h1>
      <TabStrip
        tabs={tabs}
        active={active}
        databases={databases}
        onNew={() => actions.newTab()}
        onClose={actions.close}
      />
      {isAddressOpening ? (
        <Loading what="the saved query" />
      ) : tab === undefined ? (
        <EmptyQuery
          isReady={isReady}
          databases={databases}
          onNew={actions.newTab}
          onOpen={actions.openSaved}
        />
      ) : (
        <TabPanel {...model} tab={tab} />
      )}
      <QueryOverlays
        overlay={model.overlay}
        tab={tab}
        text={() => model.editor.current?.text()}
        onClose={() => model.setOverlay(null)}
        onCloseTab={actions.closeNow}
        onRequest={() => actions.request('', null, false)}
      />
    </>
  );
}

type EditorModel = ReturnType<typeof useEditor>;

/** The active tab, what the engine tells of it, and what can be done with it. */
function useEditor() {
  useQueryData();
  const databases = useDatabases().data ?? [];
  const { isReady, tabs, active, queries, results } = useQueryStore();
  const tab = tabs.find(({ id }) => id === active);
  const query = tab === undefined ? undefined : queries[tab.id];
  const editor = useRef<SqlEditor | null>(null);
  const grid = useRef<ResultGridHandle | null>(null);
  const runner = useRunner(tab, editor);
  const [overlay, setOverlay] = useState<QueryOverlay | null>(null);
  const shownResults = (query?.results ?? []).flatMap((id) => {
    const result = results[id];
    return result === undefined ? [] : [result];
  });
  const isAddressOpening = useTabFromAddress(isReady, () =>
    requestAnimationFrame(() => editor.current?.focus()),
  );
  useProblemMark({ query, sent: runner.sentOf(tab?.id ?? ''), editor });
  useRunWords(query, shownResults);
  const actions = useEditorActions({ tab, databases, queries, editor, runner, setOverlay });
  const panes = usePanes(query !== undefined && (query.run !== null || shownResults.length > 0));
  useQueryCommands({
    active,
    actions,
    isSideShown: panes.isSideShown,
    onNewTab: () => actions.newTab(),
    onCloseTab: actions.close,
    onHistory: panes.showHistory,
    onResults: panes.toggleBelow,
    onSide: panes.toggleSide,
    onEditorOrGrid: () => {
      const isInGrid = document.activeElement?.closest('[role=grid]') instanceof Element;
      if (isInGrid) editor.current?.focus();
      else grid.current?.focus();
    },
    onWhyHere: actions.explainHere,
  });
  const database = databases.find(({ id }) => id === tab?.database);
  return {
    isReady,
    isAddressOpening,
    tabs,
    active,
    tab,
    query,
    shownResults,
    databases,
    database,
    editor,
    grid,
    runner,
    actions,
    overlay,
    setOverlay,
    panes,
  };
}

/** Which panes are shown, and what is in the one at the side. */
function usePanes(hasResults: boolean) {
  const [part, setPart] = useState<SidePart>('schema');
  const [side, setSide] = useStoredChoice('daam.query.side');
  const [below, setBelow] = useStoredChoice('daam.query.results');
  // On a narrow window the text comes first, until the person asks for the schema.
  const isSideShown = side === null ? window.innerWidth >= 720 : side !== 'hidden';
  return {
    part,
    setPart,
    isSideShown,
    isBelowShown: below !== 'hidden' && hasResults,
    showHistory: () => {
      setSide('shown');
      setPart('history');
    },
    toggleBelow: () => setBelow(below === 'hidden' ? 'shown' : 'hidden'),
    toggleSide: () => setSide(isSideShown ? 'hidden' : 'shown'),
  };
}

type TabPanelProps = EditorModel & { readonly tab: NonNullable<EditorModel['tab']> };

/** One tab: what can be done, what has to be seen, the schema, the text and the results. */
function TabPanel(props: TabPanelProps): ReactNode {
  const { tab, query, database, databases, editor, runner, actions, panes } = props;
  const [hasSelection, setHasSelection] = useState(false);
  return (
    <div id="query-panel" role="tabpanel" aria-label={tab.title} className="flex min-h-0 flex-1 flex-col">
      <RunBar
        key={tab.id}
        tab={tab}
        query={query}
        database={database}
        databases={databases}
        hasSelection={hasSelection}
        isSideShown={panes.isSideShown}
        onSide={panes.toggleSide}
        actions={actions}
      />
      <QueryBars
        query={query}
        database={database}
        runner={runner}
        onEndTransaction={actions.endTransaction}
      />
      <Split
        id="query-side"
        label="Width of the schema"
        direction="horizontal"
        sized="first"
        initial={260}
        min={180}
        max={520}
        first={
          panes.isSideShown ? (
            <SidePane
              part={panes.part}
              onPart={panes.setPart}
              database={tab.database}
              onInsert={(text) => editor.current?.insert(text)}
              onReplace={(text) => editor.current?.insert(text)}
              onOpen={actions.openSaved}
            />
          ) : null
        }
        second={<TextAndResults {...props} onSelection={setHasSelection} />}
      />
    </div>
  );
}

function TextAndResults({
  onSelection,
  ...props
}: TabPanelProps & { readonly onSelection: (hasSelection: boolean) => void }): ReactNode {
  const { tab, tabs, query, editor, grid, runner, actions, panes, shownResults } = props;
  const objects = useObjects(tab.database).data ?? null;
  const { editor: settings } = useSettings();
  const announce = useAnnounce();
  const openTabs = useMemo(() => tabs.map(({ id }) => id), [tabs]);
  return (
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
          settings={settings}
          onCursor={(cursor) => {
            onSelection(cursor.hasSelection);
            setCursor(`Ln ${cursor.line}, Col ${cursor.column}`);
          }}
        />
      }
      second={
        panes.isBelowShown && query !== undefined ? (
          <ResultArea
            key={tab.id}
            query={query}
            results={shownResults}
            sent={runner.sentOf(tab.id)}
            gridRef={grid}
            onGoTo={(from, to) => editor.current?.select({ from, to })}
            onRequest={actions.request}
            onSay={announce}
            onCheck={(sql) => actions.newTab({ sql, title: 'Check' })}
          />
        ) : null
      }
    />
  );
}
