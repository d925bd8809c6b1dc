/** Between a pressed key and the way that combinations are written in the registry. */
export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const modifiers = new Set(['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'CapsLock', 'Dead', 'Process']);

/**
 * A pressed key as the registry writes it, or null for a modifier alone. Shift is part of it only where the key has no
 * sign of its own for it: `Mod+Shift+K`, but `?`.
 */
export function combinationOf(pressed: PressedKey, isMac: boolean): string | null {
  if (modifiers.has(pressed.key)) return null;
  const isLetter = /^\p{L}$/u.test(pressed.key);
  const isSign = pressed.key.length === 1 && !isLetter && pressed.key !== ' ';
  const key = pressed.key === ' ' ? 'Space' : isLetter ? pressed.key.toUpperCase() : pressed.key;
  const mod = isMac ? pressed.metaKey : pressed.ctrlKey;
  const parts = [
    // Tab and the backquote go with Ctrl on every system: ⌘Tab belongs to macOS.
    ...(mod && !isControlKey(key, isMac) ? ['Mod'] : []),
    ...(pressed.ctrlKey && (isMac || isControlKey(key, isMac)) ? ['Ctrl'] : []),
    ...(pressed.altKey ? ['Alt'] : []),
    ...(pressed.shiftKey && !isSign ? ['Shift'] : []),
    key,
  ];
  return parts.join('+');
}

function isControlKey(key: string, isMac: boolean): boolean {
  return !isMac && ['Tab', '`', 'Space'].includes(key);
}

const macSigns: Readonly<Record<string, string>> = { Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧', Enter: '↵' };
const signs: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

/** For people: `⌘⇧K` or `Ctrl+Shift+K`; keys after one another with a space. */
export function combinationWords(combination: string, isMac: boolean): string {
  return combination
    .split(' ')
    .map((part) =>
      part
        .split('+')
        .map((key) => (isMac ? macSigns[key] : key === 'Mod' ? 'Ctrl' : undefined) ?? signs[key] ?? key)
        .join(isMac ? '' : '+'),
    )
    .join(' ');
}
