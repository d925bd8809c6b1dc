import { useEffect, useRef, useState } from 'react';
import { useCapabilities } from '../../bridge/bridge-context.ts';
import { useSettings } from '../../bridge/use-settings.ts';
import { combinationOf, combinationWords } from './combination.ts';
import { keysOf } from './registry.ts';
import type { KeyboardPlace, ShortcutId } from './registry.ts';

const sequenceTime = 1_000;

export const isMac = /mac/i.test(navigator.userAgent);

/** This keyboard: the system, the shell, and what the person changed. */
export function useKeyboard(): KeyboardPlace & {
  readonly singleKeys: boolean;
  readonly words: (id: ShortcutId) => string;
} {
  const isBrowser = !useCapabilities().tray;
  const { shortcuts: choices, singleKeys } = useSettings().keyboard;
  const place = { isMac, isBrowser, choices };
  return {
    ...place,
    singleKeys,
    words: (id) => combinationWords(keysOf(id, place)[0] ?? '', isMac),
  };
}

type Handlers = Partial<Readonly<Record<ShortcutId, () => void>>>;

/** While the component is shown, these commands run by their keys. The one mounted last gets a key first. */
export function useShortcuts(handlers: Handlers): void {
  const keyboard = useKeyboard();
  const latest = useRef({ handlers, keyboard });
  const [started] = useState(() => ({ keys: '', at: 0 }));
  useEffect(() => {
    latest.current = { handlers, keyboard };
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const combination = combinationOf(event, isMac);
      if (combination === null) return;
      const { keyboard, handlers } = latest.current;
      const isPlain = !/^(Mod|Ctrl|Alt|F\d)/.test(combination);
      if (isPlain && (!keyboard.singleKeys || isTyping(event))) return;
      const pressed =
        started.keys !== '' && event.timeStamp - started.at < sequenceTime
          ? `${started.keys} ${combination}`
          : combination;
      started.keys = isPlain ? combination : '';
      started.at = event.timeStamp;
      const found = (Object.keys(handlers) as ShortcutId[]).find((id) => {
        const keys = keysOf(id, keyboard);
        return keys.includes(pressed) || keys.includes(combination);
      });
      if (found === undefined) return;
      event.preventDefault();
      started.keys = '';
      handlers[found]?.();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [started]);
}

function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable=true], [role=grid], dialog, [role=dialog], [role=menu]',
    ) !== null
  );
}
