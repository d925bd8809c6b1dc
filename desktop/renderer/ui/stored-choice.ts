import { useSyncExternalStore } from 'react';

const listeners = new Map<string, Set<() => void>>();
/** What this visit chose, for a browser that keeps nothing. */
const memory = new Map<string, string>();

/** A choice of the person on this device, the same wherever it is used; it holds for this visit when nothing can be kept. */
export function useStoredChoice(key: string): [value: string | null, set: (value: string) => void] {
  const value = useSyncExternalStore(
    (changed) => listen(key, changed),
    () => read(key),
  );
  return [value, (chosen) => storeChoice(key, chosen)];
}

/** Keeps a choice and tells everyone who shows it. */
export function storeChoice(key: string, chosen: string): void {
  memory.set(key, chosen);
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // Kept in memory only.
  }
  for (const changed of listeners.get(key) ?? []) changed();
}

function listen(key: string, changed: () => void): () => void {
  const all = listeners.get(key) ?? new Set();
  listeners.set(key, all);
  all.add(changed);
  return () => void all.delete(changed);
}

function read(key: string): string | null {
  const chosen = memory.get(key);
  if (chosen !== undefined) return chosen;
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
