import { useSyncExternalStore } from 'react';

/** Requests whose review was open since the console was: only these are decided together with others. */
let opened: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

export function noteOpened(id: string): void {
  if (opened.has(id)) return;
  opened = new Set([...opened, id]);
  for (const listener of listeners) listener();
}

export function useOpened(): ReadonlySet<string> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => opened,
  );
}
