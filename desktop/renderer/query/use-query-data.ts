import { useEffect } from 'react';
import type { Bridge } from '../../ipc/bridge.ts';
import { useBridge, useBridgeState } from '../bridge/bridge-context.ts';
import { useQueryStore } from './query-store.ts';

/** Milliseconds after the last change until the tabs are kept. */
const saveDelay = 500;
const { setState, getState } = useQueryStore;

/** Keeps the store equal to the engine while the screen is shown, and the tabs on disk. */
export function useQueryData(): void {
  const bridge = useBridge();
  const isOpen = useBridgeState().kind === 'open';
  useEffect(() => {
    if (!isOpen) return undefined;
    void readAll(bridge);
    const stops = [
      bridge.on('queryChanged', ({ query }) =>
        setState(({ queries }) => ({ queries: { ...queries, [query.tab]: query } })),
      ),
      bridge.on('queryClosed', ({ tab }) => setState(({ queries }) => ({ queries: without(queries, tab) }))),
      bridge.on('resultChanged', ({ result }) =>
        setState(({ results }) => ({ results: { ...results, [result.id]: result } })),
      ),
      bridge.on('resultClosed', ({ result }) =>
        setState(({ results }) => ({ results: without(results, result) })),
      ),
      bridge.on('exportChanged', ({ export: changed }) =>
        setState(({ exports }) => ({ exports: { ...exports, [changed.id]: changed } })),
      ),
      keepTabs(bridge),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [bridge, isOpen]);
}

async function readAll(bridge: Bridge): Promise<void> {
  const [workspace, queries, exports] = await Promise.all([
    bridge.call('readWorkspace', {}),
    bridge.call('listQueries', {}),
    bridge.call('listExports', {}),
  ]);
  const results = await Promise.all(
    queries.flatMap((query) => query.results.map((result) => bridge.call('describeResult', { result }))),
  );
  setState((before) => ({
    // A page that was open keeps its own tabs: they are newer than what is on disk.
    ...(before.isReady ? {} : { tabs: workspace.tabs, active: workspace.active }),
    isReady: true,
    queries: Object.fromEntries(queries.map((query) => [query.tab, query])),
    results: Object.fromEntries(results.map((result) => [result.id, result])),
    exports: Object.fromEntries(exports.map((entry) => [entry.id, entry])),
  }));
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
