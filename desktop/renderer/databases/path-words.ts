import type { Connection } from '../../ipc/schema.ts';

type Path = NonNullable<Extract<Connection, { kind: 'connected' }>['path']>;

const words: Readonly<Record<Path, string>> = { loopback: 'Loopback', direct: 'Direct', relay: 'Relay' };

/** How the bytes reach the agent, in a word. */
export function pathWords(path: Path): string {
  return words[path];
}
