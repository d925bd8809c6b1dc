import { useEffect, useEffectEvent } from 'react';
import { isField } from '../inbox/is-field.ts';
import { type ReplayStep, waitBetween } from './replay-model.ts';

/** Tells the id of the next step when its time has come; null at the end. */
export function usePlaying(
  {
    isPlaying,
    step,
    next,
  }: {
    readonly isPlaying: boolean;
    readonly step: ReplayStep | undefined;
    readonly next: ReplayStep | undefined;
  },
  options: { readonly speed: number; readonly skipsIdle: boolean },
  onStep: (id: string | null) => void,
): void {
  const tell = useEffectEvent(onStep);
  const waitMs = step === undefined || next === undefined ? 0 : waitBetween(step, next, options);
  const nextId = next?.id ?? null;
  useEffect(() => {
    if (!isPlaying) return undefined;
    const timer = setTimeout(() => tell(nextId), waitMs);
    return () => clearTimeout(timer);
  }, [isPlaying, nextId, waitMs]);
}

export interface PlayerKeys {
  readonly toggle: () => void;
  readonly step: (by: 1 | -1) => void;
  readonly search: () => void;
  readonly goToTime: () => void;
  /** Letters and `/` as shortcuts can be switched off (WCAG 2.2, 2.1.4). */
  readonly singleKeys: boolean;
}

/** Space plays, arrows step, `j` and `k` too, `/` searches, `g` goes to a time; outside of fields and open dialogs. */
export function usePlayerKeys(keys: PlayerKeys): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isField(event.target))
      return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    const isIn = (selector: string): boolean => (target?.closest(selector) ?? null) !== null;
    if (isIn('[role=dialog], [role=listbox], [role=menu]')) return;
    const isOnControl = isIn('button, a, [role=checkbox], [role=combobox], [role=radio]');
    const act = actionOf(event.key, keys, isOnControl);
    if (act === null) return;
    act();
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

function actionOf(key: string, keys: PlayerKeys, isOnControl: boolean): (() => void) | null {
  if (key === ' ') return isOnControl ? null : keys.toggle;
  if (key === 'ArrowRight') return () => keys.step(1);
  if (key === 'ArrowLeft') return () => keys.step(-1);
  if (!keys.singleKeys) return null;
  if (key === 'j') return () => keys.step(1);
  if (key === 'k') return () => keys.step(-1);
  if (key === '/') return keys.search;
  return key === 'g' ? keys.goToTime : null;
}
