/** Keys and palette entries of the query screen. */
import { useCommands } from '../shell/commands.ts';
import { useShortcuts } from '../shell/shortcuts/use-shortcuts.ts';
import { activateNeighbour, moveTab, reopenTab } from './query-store.ts';
import type { RunActions } from './run-bar.tsx';

export interface QueryCommands {
  readonly active: string | null;
  readonly actions: RunActions;
  readonly isSideShown: boolean;
  readonly onNewTab: () => void;
  readonly onCloseTab: (id: string) => void;
  readonly onHistory: () => void;
  readonly onResults: () => void;
  readonly onSide: () => void;
  readonly onEditorOrGrid: () => void;
  readonly onWhyHere: () => void;
}

export function useQueryCommands(of: QueryCommands): void {
  const { active, actions, isSideShown } = of;
  const onActive = (act: (id: string) => void) => (): void => {
    if (active !== null) act(active);
  };
  useShortcuts({
    newTab: of.onNewTab,
    closeTab: onActive(of.onCloseTab),
    reopenTab,
    nextTab: () => activateNeighbour(1),
    previousTab: () => activateNeighbour(-1),
    tabLeft: onActive((id) => moveTab(id, -1)),
    tabRight: onActive((id) => moveTab(id, 1)),
    run: actions.run,
    runKeeping: actions.runKeeping,
    runAll: actions.runAll,
    cancel: actions.cancel,
    explain: actions.explain,
    format: actions.format,
    save: actions.save,
    history: of.onHistory,
    toggleResults: of.onResults,
    sidebar: of.onSide,
    editorOrGrid: of.onEditorOrGrid,
    whyHere: of.onWhyHere,
  });
  const entries: readonly (readonly [id: string, title: string, run: () => void])[] = [
    ['new', 'New query', of.onNewTab],
    ['run', 'Run statement', actions.run],
    ['keep', 'Run in a new result tab', actions.runKeeping],
    ['all', 'Run all', actions.runAll],
    ['explain', 'Explain', actions.explain],
    ['check', 'What would happen?', actions.check],
    ['format', 'Format', actions.format],
    ['save', 'Save query', actions.save],
    ['history', 'History', of.onHistory],
    ['side', isSideShown ? 'Hide the schema' : 'Show the schema', of.onSide],
  ];
  useCommands(
    entries.map(([id, title, run]) => ({ id: `q-${id}`, title, group: 'Query', run })),
    `${active ?? ''}${isSideShown}`,
  );
}
