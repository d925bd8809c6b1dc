/** The tabs of the editor, and what the engine tells of their queries and results. Outlives the screen, not the page. */
import type { AppError } from '@daam/shared/errors/app-error';
import { create } from 'zustand';
import type { EditorTab, Export, Query, QueryResult } from '../../ipc/schema.ts';

export interface QueryStore {
  /** The tabs of the last visit have been read. */
  readonly isReady: boolean;
  /** Why they could not be, as last tried. */
  readonly problem: AppError | null;
  /** Counts up when everything has to be read anew. */
  readonly reading: number;
  readonly tabs: readonly EditorTab[];
  readonly active: string | null;
  readonly closed: readonly EditorTab[];
  readonly queries: Readonly<Record<string, Query>>;
  readonly results: Readonly<Record<string, QueryResult>>;
  readonly exports: Readonly<Record<string, Export>>;
}

const maxTabs = 100;
const maxClosed = 20;

const nothing: QueryStore = {
  isReady: false,
  problem: null,
  reading: 0,
  tabs: [],
  active: null,
  closed: [],
  queries: {},
  results: {},
  exports: {},
};

export const useQueryStore = create<QueryStore>(() => nothing);

const { setState, getState } = useQueryStore;

/** Somebody else is signed in, or nobody: what the one before wrote goes from this page too. */
export function forgetTabs(): void {
  setState(({ reading }) => ({ ...nothing, reading: reading + 1 }), true);
}

/** After a problem. */
export function readTabsAgain(): void {
  setState(({ reading }) => ({ reading: reading + 1 }));
}

export function openTab(tab: Partial<Omit<EditorTab, 'id'>>): EditorTab {
  const created: EditorTab = {
    id: crypto.randomUUID(),
    title: untitled(getState().tabs),
    database: null,
    sql: '',
    cursor: 0,
    scroll: 0,
    transaction: 'auto',
    savedQuery: null,
    ...tab,
  };
  setState(({ tabs }) => ({ tabs: [...tabs, created].slice(-maxTabs), active: created.id }));
  return created;
}

export function changeTab(id: string, changes: Partial<Omit<EditorTab, 'id'>>): void {
  setState(({ tabs }) => ({ tabs: tabs.map((tab) => (tab.id === id ? { ...tab, ...changes } : tab)) }));
}

export function activateTab(id: string): void {
  setState({ active: id });
}

/** The tab that stands `by` places from the active one, round the ends. */
export function activateNeighbour(by: 1 | -1): void {
  const { tabs, active } = getState();
  const at = tabs.findIndex(({ id }) => id === active);
  const next = tabs[(at + by + tabs.length) % tabs.length];
  if (next !== undefined) setState({ active: next.id });
}

export function moveTab(id: string, by: 1 | -1): void {
  setState(({ tabs }) => {
    const from = tabs.findIndex((tab) => tab.id === id);
    const to = from + by;
    const moved = tabs[from];
    if (moved === undefined || to < 0 || to >= tabs.length) return {};
    return { tabs: tabs.toSpliced(from, 1).toSpliced(to, 0, moved) };
  });
}

export function closeTab(id: string): void {
  setState(({ tabs, active, closed, queries }) => {
    const at = tabs.findIndex((tab) => tab.id === id);
    const tab = tabs[at];
    if (tab === undefined) return {};
    const rest = tabs.toSpliced(at, 1);
    const { [id]: _, ...otherQueries } = queries;
    return {
      tabs: rest,
      active: active === id ? (rest[Math.min(at, rest.length - 1)]?.id ?? null) : active,
      closed: tab.sql.trim() === '' ? closed : [...closed, tab].slice(-maxClosed),
      queries: otherQueries,
    };
  });
}

export function reopenTab(): void {
  setState(({ tabs, closed }) => {
    const tab = closed.at(-1);
    if (tab === undefined) return {};
    return { tabs: [...tabs, tab], active: tab.id, closed: closed.slice(0, -1) };
  });
}

/** "Query 3": the first number that no tab has. */
function untitled(tabs: readonly EditorTab[]): string {
  const taken = new Set(tabs.map(({ title }) => title));
  let number = 1;
  while (taken.has(`Query ${number}`)) number += 1;
  return `Query ${number}`;
}
