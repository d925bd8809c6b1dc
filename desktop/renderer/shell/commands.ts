import { useEffect, useRef, useSyncExternalStore } from 'react';

/** Something that the palette can do now. */
export interface Command {
  readonly id: string;
  readonly title: string;
  /** Where it belongs: "Query", "orders". */
  readonly group: string;
  readonly keys?: string;
  readonly run: () => void;
}

let offered: readonly Command[] = [];
const sources = new Map<symbol, () => readonly Command[]>();
const listeners = new Set<() => void>();

function refresh(): void {
  offered = [...sources.values()].flatMap((read) => read());
  for (const changed of listeners) changed();
}

/** While the component is shown, the palette offers these. `version` changes when they do. */
export function useCommands(commands: readonly Command[], version: string): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const source = Symbol('commands');
    sources.set(source, () => latest.current);
    refresh();
    return () => {
      sources.delete(source);
      refresh();
    };
    // eslint-disable-next-line react/exhaustive-effect-dependencies -- what is offered is read anew when it changes
  }, [version]);
}

export function useOfferedCommands(): readonly Command[] {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    () => offered,
  );
}
