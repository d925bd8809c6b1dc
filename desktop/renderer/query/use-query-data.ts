import { toAppError } from '@daam/shared/errors/app-error';
import { useEffect } from 'react';
import type { Bridge } from '../../ipc/bridge.ts';
import { useBridge, useBridgeState } from '../bridge/bridge-context.ts';
import { forgetPlans, keepPlansOf } from './plan/earlier-plans.ts';
import { useQueryStore } from './query-store.ts';

/** Milliseconds after the last change until the tabs are kept. */
const saveDelay = 500;
const { setState, getState } = useQueryStore;

/** What was told by an event while the rest was being read: it is newer than what was read. */
export interface ToldMeanwhile {
  readonly queries: Set<string>;
  readonly results: Set<string>;
  readonly exports: Set<string>;
}

/** Keeps the store equal to the engine while the screen is shown, and the tabs on disk. */
export function useQueryData(): void {
  const bridge = useBridge();
  const isOpen = useBridgeState().kind === 'open';
  useEffect(() => {
    if (!isOpen) return undefined;
    const over = new AbortController();
    const { told, stops } = listen(bridge);
    setState({ problem: null });
    readAll(bridge, told, over.signal).catch((thrown: unknown) => {
      if (!over.signal.aborted) setState({ problem: toAppError(thrown) });
    });
    stops.push(keepTabs(bridge));
    return () => {
      over.abort();
      for (const stop of stops) stop();
    };
  }, [bridge, isOpen]);
}

function listen(bridge: Bridge): { readonly told: ToldMeanwhile; readonly stops: (() => void)[] } {
  const told: ToldMeanwhile = { queries: new Set(), results: new Set(), exports: new Set() };
  const stops = [
    bridge.on('queryChanged', ({ query }) => {
      told.queries.add(query.tab);
      setState(({ queries }) => ({ queries: { ...queries, [query.tab]: query } }));
    }),
    bridge.on('queryClosed', ({ tab }) => {
      told.queries.add(tab);
      forgetPlans(tab);
      setState(({ queries }) => ({ queries: without(queries, tab) }));
    }),
    bridge.on('resultChanged', ({ result }) => {
      told.results.add(result.id);
      setState(({ results }) => ({ results: { ...results, [result.id]: result } }));
    }),
    bridge.on('resultClosed', ({ result }) => {
      told.results.add(result);
      setState(({ results }) => ({ results: without(results, result) }));
    }),
    bridge.on('exportChanged', ({ export: changed }) => {
      told.exports.add(changed.id);
      setState(({ exports }) => ({ exports: { ...exports, [changed.id]: changed } }));
    }),
  ];
  return { told, stops };
}

/** Reads what the engine has. A run that begins meanwhile is told by events, and what they said stays. */
export async function readAll(
  bridge: Bridge,
  told: ToldMeanwhile,
  over = new AbortController().signal,
): Promise<void> {
  const [workspace, queries, exports] = await Promise.all([
    bridge.call('readWorkspace', {}),
    bridge.call('listQueries', {}),
    bridge.call('listExports', {}),
  ]);
  keepPlansOf(new Set([...queries.map(({ tab }) => tab), ...told.queries]));
  // Removed meanwhile, one of them is no reason to show none of the tabs.
  const described = await Promise.allSettled(
    queries.flatMap((query) => query.results.map((result) => bridge.call('describeResult', { result }))),
  );
  // It may be of the person before.
  if (over.aborted) return;
  const results = described.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  setState((before) => ({
    // A page that was open keeps its own tabs: they are newer than what is on disk.
    ...(before.isReady ? {} : { tabs: workspace.tabs, active: workspace.active }),
    isReady: true,
    problem: null,
    queries: merge(
      before.queries,
      queries.map((query) => [query.tab, query]),
      told.queries,
    ),
    results: merge(
      before.results,
      results.map((result) => [result.id, result]),
      told.results,
    ),
    exports: merge(
      before.exports,
      exports.map((entry) => [entry.id, entry]),
      told.exports,
    ),
  }));
}

function merge<Value>(
  before: Readonly<Record<string, Value>>,
  read: readonly (readonly [string, Value])[],
  told: ReadonlySet<string>,
): Record<string, Value> {
  return Object.fromEntries([
    ...read.filter(([id]) => !told.has(id)),
    ...Object.entries(before).filter(([id]) => told.has(id)),
  ]);
}

function keepTabs(bridge: Bridge): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const write = (): void => {
    timer = null;
    const { tabs, active } = getState();
    // The next change tries again.
    bridge.call('writeWorkspace', { tabs: [...tabs], active }).catch(() => {});
  };
  const flush = (): void => {
    if (timer === null) return;
    clearTimeout(timer);
    write();
  };
  const stop = useQueryStore.subscribe((now, before) => {
    if (!now.isReady || (now.tabs === before.tabs && now.active === before.active) || !before.isReady) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(write, saveDelay);
  });
  window.addEventListener('pagehide', flush);
  return () => {
    flush();
    window.removeEventListener('pagehide', flush);
    stop();
  };
}

function without<Value>(all: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).filter(([other]) => other !== key));
}
