/**
 * The keyboard map, in one table: handlers, menus, the shortcuts sheet, the palette and the settings read it.
 * A combination is written `Mod+Shift+K`; Mod is ⌘ on macOS and Ctrl elsewhere. `G D` is one key after the other.
 */
export type ShortcutScope = 'everywhere' | 'tabs' | 'lists' | 'databases' | 'editor' | 'results';

export interface Shortcut {
  readonly scope: ShortcutScope;
  readonly label: string;
  readonly keys: readonly string[];
  /** In a browser, which keeps ⌘T, ⌘W and ⌘1…9 for itself. */
  readonly browserKeys?: readonly string[];
  /** Handled by the list, editor or grid itself; shown, not recorded. */
  readonly isFixed?: true;
}

export const shortcuts = {
  palette: { scope: 'everywhere', label: 'Search and run commands', keys: ['Mod+K'] },
  switchDatabase: { scope: 'everywhere', label: 'Switch database', keys: ['Mod+Shift+K'] },
  openAny: { scope: 'everywhere', label: 'Open a tab or a saved query', keys: ['Mod+P'] },
  settings: { scope: 'everywhere', label: 'Settings', keys: ['Mod+,'] },
  organization: { scope: 'everywhere', label: 'Organization and account', keys: ['Mod+Shift+O'] },
  lock: { scope: 'everywhere', label: 'Lock', keys: ['Mod+L'], browserKeys: ['Alt+Shift+L'] },
  shortcutsSheet: { scope: 'everywhere', label: 'Show these shortcuts', keys: ['Mod+/', '?'] },
  sidebar: { scope: 'everywhere', label: 'Fold the navigation', keys: ['Mod+B'] },
  nextRegion: { scope: 'everywhere', label: 'Next region', keys: ['F6'] },
  previousRegion: { scope: 'everywhere', label: 'Previous region', keys: ['Shift+F6'] },
  back: { scope: 'everywhere', label: 'Back', keys: ['Mod+['] },
  forward: { scope: 'everywhere', label: 'Forward', keys: ['Mod+]'] },
  requestAccess: {
    scope: 'everywhere',
    label: 'Request access',
    keys: ['Mod+Shift+R'],
    browserKeys: ['Alt+Shift+R'],
  },
  goDatabases: { scope: 'everywhere', label: 'Go to Databases', keys: ['G D'] },
  goQuery: { scope: 'everywhere', label: 'Go to Query', keys: ['G Q'] },
  goRequests: { scope: 'everywhere', label: 'Go to Requests', keys: ['G R'] },
  goActivity: { scope: 'everywhere', label: 'Go to Activity', keys: ['G A'] },
  goPolicies: { scope: 'everywhere', label: 'Go to Policies', keys: ['G P'] },
  goInbox: { scope: 'everywhere', label: 'Go to Inbox', keys: ['G I'] },
  goSettings: { scope: 'everywhere', label: 'Go to Settings', keys: ['G S'] },
  goPeople: { scope: 'everywhere', label: 'Go to People', keys: ['G U'] },
  newTab: { scope: 'tabs', label: 'New tab', keys: ['Mod+T'], browserKeys: ['Alt+T'] },
  closeTab: { scope: 'tabs', label: 'Close tab', keys: ['Mod+W'], browserKeys: ['Alt+W'] },
  reopenTab: {
    scope: 'tabs',
    label: 'Reopen closed tab',
    keys: ['Mod+Shift+T'],
    browserKeys: ['Alt+Shift+T'],
  },
  nextTab: { scope: 'tabs', label: 'Next tab', keys: ['Ctrl+Tab'], browserKeys: ['Alt+ArrowRight'] },
  previousTab: {
    scope: 'tabs',
    label: 'Previous tab',
    keys: ['Ctrl+Shift+Tab'],
    browserKeys: ['Alt+ArrowLeft'],
  },
  tabLeft: { scope: 'tabs', label: 'Move tab to the left', keys: ['Alt+Shift+ArrowLeft'] },
  tabRight: { scope: 'tabs', label: 'Move tab to the right', keys: ['Alt+Shift+ArrowRight'] },
  run: { scope: 'editor', label: 'Run statement or selection', keys: ['Mod+Enter'] },
  runAll: { scope: 'editor', label: 'Run all', keys: ['Mod+Shift+Enter'] },
  runKeeping: { scope: 'editor', label: 'Run in a new result tab', keys: ['Alt+Enter'] },
  cancel: { scope: 'editor', label: 'Cancel', keys: ['Mod+.'] },
  explain: { scope: 'editor', label: 'Explain', keys: ['Mod+E'] },
  format: { scope: 'editor', label: 'Format', keys: ['Mod+Shift+F'], browserKeys: ['Alt+Shift+F'] },
  save: { scope: 'editor', label: 'Save query', keys: ['Mod+S'] },
  history: { scope: 'editor', label: 'History', keys: ['Mod+Y'] },
  toggleResults: { scope: 'editor', label: 'Show or hide results', keys: ['Mod+J'] },
  editorOrGrid: { scope: 'editor', label: 'Editor or results', keys: ['Ctrl+`'] },
  whyHere: { scope: 'editor', label: 'Why masked or denied', keys: ['F1'] },
  complete: { scope: 'editor', label: 'Complete', keys: ['Ctrl+Space'], isFixed: true },
  leaveEditor: { scope: 'editor', label: 'Leave the editor', keys: ['Escape Tab'], isFixed: true },
  copyConnection: { scope: 'databases', label: 'Copy the connection', keys: ['Mod+Shift+C'] },
  gridCopy: { scope: 'results', label: 'Copy the selection', keys: ['Mod+C'], isFixed: true },
  gridAll: { scope: 'results', label: 'Select all', keys: ['Mod+A'], isFixed: true },
  gridWhy: { scope: 'results', label: 'Why is this masked', keys: ['M'], isFixed: true },
  gridView: { scope: 'results', label: 'View the cell', keys: ['Enter'], isFixed: true },
  gridFind: { scope: 'results', label: 'Find in the result', keys: ['Mod+F'], isFixed: true },
  gridWiden: {
    scope: 'results',
    label: 'Widen or narrow the column',
    keys: ['Ctrl+Shift+ArrowRight', 'Ctrl+Shift+ArrowLeft'],
    isFixed: true,
  },
  gridEdges: { scope: 'results', label: 'First and last row', keys: ['Mod+Home', 'Mod+End'], isFixed: true },
  gridMenu: { scope: 'results', label: 'Menu of the cell', keys: ['Shift+F10'], isFixed: true },
} as const satisfies Record<string, Shortcut>;

export type ShortcutId = keyof typeof shortcuts;

export const scopeTitles: Readonly<Record<ShortcutScope, string>> = {
  everywhere: 'Everywhere',
  tabs: 'Tabs',
  lists: 'Lists',
  databases: 'Databases',
  editor: 'Editor',
  results: 'Results',
};

/** What a person changed: shortcut → combination. */
export type ShortcutChoices = Readonly<Record<string, string>>;

export interface KeyboardPlace {
  readonly isMac: boolean;
  readonly isBrowser: boolean;
  readonly choices: ShortcutChoices;
}

/** The combinations that run a command here. */
export function keysOf(id: ShortcutId, place: KeyboardPlace): readonly string[] {
  const entry: Shortcut = shortcuts[id];
  const chosen = place.choices[id];
  if (chosen !== undefined) return [chosen];
  return place.isBrowser ? (entry.browserKeys ?? entry.keys) : entry.keys;
}

/** The other command that has this combination already, or null. */
export function conflictOf(id: ShortcutId, keys: string, place: KeyboardPlace): ShortcutId | null {
  const all = Object.keys(shortcuts) as ShortcutId[];
  return all.find((other) => other !== id && keysOf(other, place).includes(keys)) ?? null;
}
