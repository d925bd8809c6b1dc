/** What can be done with a tab of the editor, for buttons, keys and the palette alike. */
import { toAppError } from '@daam/shared/errors/app-error';
import type { RefObject } from 'react';
import type { Database, EditorTab, Query, SavedQuery } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useSettings } from '../bridge/use-settings.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { maskWords } from './editor/marks.ts';
import type { SqlEditor } from './editor/sql-editor.ts';
import type { QueryOverlay } from './query-overlays.tsx';
import { closeTab, openTab } from './query-store.ts';
import type { RunActions } from './run-bar.tsx';
import type { Runner } from './use-runner.ts';

export interface EditorActions extends RunActions {
  readonly newTab: (changes?: Partial<Omit<EditorTab, 'id'>>) => void;
  /** Asks first where work would be lost. */
  readonly close: (id: string) => void;
  readonly closeNow: (id: string) => void;
  readonly openSaved: (saved: SavedQuery) => void;
  readonly request: (table: string, column: string | null, isUnmask: boolean) => void;
  readonly explainHere: () => void;
  readonly endTransaction: (how: 'commit' | 'rollback') => void;
}

export function useEditorActions(of: {
  readonly tab: EditorTab | undefined;
  readonly databases: readonly Database[];
  readonly queries: Readonly<Record<string, Query>>;
  readonly editor: RefObject<SqlEditor | null>;
  readonly runner: Runner;
  readonly setOverlay: (overlay: QueryOverlay | null) => void;
}): EditorActions {
  const { tab, databases, queries, editor, runner, setOverlay } = of;
  const bridge = useBridge();
  const announce = useAnnounce();
  const { tabSize } = useSettings().editor;
  const act = (call: Promise<unknown>): void => void call.catch(runner.setProblem);
  const onTab = (call: (id: string) => Promise<unknown>) => (): void => {
    if (tab !== undefined) act(call(tab.id));
  };
  const toRun = (): string => {
    const range = editor.current?.toRun() ?? null;
    return range === null ? '' : (editor.current?.text().slice(range.from, range.to) ?? '');
  };

  function newTab(changes: Partial<Omit<EditorTab, 'id'>> = {}): void {
    openTab({ database: tab?.database ?? usualDatabase(databases), ...changes });
    requestAnimationFrame(() => editor.current?.focus());
  }

  function closeNow(id: string): void {
    setOverlay(null);
    closeTab(id);
    act(bridge.call('closeQuery', { tab: id }));
  }

  return {
    run: () => runner.run('current', 'run'),
    runKeeping: () => runner.run('current', 'run', true),
    runAll: () => runner.run('all', 'run'),
    explain: () => runner.run('current', 'plan'),
    measure: () => runner.run('current', 'measure'),
    cancel: () => {
      performance.mark('query:cancel');
      onTab(async (id) => await bridge.call('cancelQuery', { tab: id }))();
    },
    endSession: onTab(async (id) => await bridge.call('endSession', { tab: id })),
    check: () => {
      const sql = toRun();
      if (sql !== '') setOverlay({ kind: 'check', sql });
    },
    format: () => act(formatText(editor.current, tabSize)),
    save: () => setOverlay({ kind: 'save' }),
    newTab,
    close: (id) => {
      const session = queries[id]?.session;
      const isBusy = queries[id]?.run?.state === 'running';
      const isOpen = session?.kind === 'open' && session.transaction !== 'none';
      if (isBusy || isOpen) setOverlay({ kind: 'close', tab: id });
      else closeNow(id);
    },
    closeNow,
    openSaved: ({ id, name, sql, database }) =>
      newTab({ title: name, sql, savedQuery: id, ...(database === null ? {} : { database }) }),
    request: (table, column, isUnmask) => {
      const database = databases.find(({ id }) => id === tab?.database)?.name ?? null;
      setOverlay({ kind: 'request', prefill: { database, table, column, isUnmask, statement: toRun() } });
    },
    explainHere: () => {
      const reference = editor.current?.maskAtCursor() ?? null;
      announce(reference === null ? 'Nothing is masked here.' : maskWords(reference));
    },
    endTransaction: (how) => onTab(async (id) => await bridge.call('endTransaction', { tab: id, how }))(),
  };
}

function usualDatabase(databases: readonly Database[]): string | null {
  const open = databases.filter(({ blocked }) => blocked === null);
  return (open.find(({ connection }) => connection.kind === 'connected') ?? open[0])?.id ?? null;
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
