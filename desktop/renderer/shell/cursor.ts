import { useSyncExternalStore } from 'react';

let shown = '';
const listeners = new Set<() => void>();

/** Where the cursor of the editor is, for the status bar: told at every key, so that nothing else is drawn for it. */
export function setCursor(words: string): void {
  if (words === shown) return;
  shown = words;
  for (const changed of listeners) changed();
}

export function useCursor(): string {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    () => shown,
  );
}
