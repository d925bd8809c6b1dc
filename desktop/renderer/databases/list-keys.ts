/** The keyboard map of the list, in one table: the handler and the shortcuts dialog both read it. */
export type ListAction = 'primary' | 'pin' | 'copy' | 'disconnect' | 'next' | 'previous' | 'first' | 'last';
export type PageAction = 'filter';

export interface Shortcut<Action> {
  readonly action: Action;
  readonly keys: readonly string[];
  readonly label: string;
}

export const listShortcuts: readonly Shortcut<ListAction>[] = [
  { action: 'primary', keys: ['Enter'], label: 'Connect, or query what is connected' },
  { action: 'pin', keys: ['p'], label: 'Pin to the top, or not' },
  { action: 'copy', keys: ['c'], label: 'Copy in the format used last' },
  { action: 'disconnect', keys: ['d'], label: 'Disconnect' },
  { action: 'next', keys: ['ArrowDown', 'j'], label: 'Next database' },
  { action: 'previous', keys: ['ArrowUp', 'k'], label: 'Previous database' },
  { action: 'first', keys: ['Home'], label: 'First database' },
  { action: 'last', keys: ['End'], label: 'Last database' },
];

export const pageShortcuts: readonly Shortcut<PageAction>[] = [
  { action: 'filter', keys: ['/'], label: 'Filter the list' },
];

export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * What a key means, or null. Keys with a modifier belong to the browser; single characters can be turned off
 * (WCAG 2.1.4).
 */
export function readShortcut<Action>(
  shortcuts: readonly Shortcut<Action>[],
  pressed: PressedKey,
  singleKeys: boolean,
): Action | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return null;
  if (pressed.key.length === 1 && !singleKeys) return null;
  return shortcuts.find(({ keys }) => keys.includes(pressed.key))?.action ?? null;
}
