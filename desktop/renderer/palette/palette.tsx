import { clsx } from 'clsx';
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { Key } from '../ui/marks.tsx';
import { rank } from './rank.ts';
import { usePaletteItems } from './use-palette-items.ts';
import type { PaletteItem, PaletteKind } from './use-palette-items.ts';

export interface PaletteProps {
  readonly start: 'all' | 'databases' | 'tabs';
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}

const shown = 50;
/** A tab and a saved query are both texts to go on with. */
const alsoOf: Readonly<Partial<Record<PaletteKind, PaletteKind>>> = { tab: 'saved' };
const prefixes: Readonly<Record<string, PaletteKind>> = {
  '>': 'command',
  '#': 'table',
  ':': 'setting',
  '/': 'database',
  '@': 'person',
  '=': 'tab',
};
const startTexts = { all: '', databases: '/', tabs: '=' } as const;

/** Finds databases, tables, saved queries, settings and commands by what is typed (WAI-ARIA combobox with a list). */
export function Palette({ start, onClose, onShortcuts }: PaletteProps): ReactNode {
  const [text, setText] = useState<string>(startTexts[start]);
  const [at, setAt] = useState(0);
  const searched = useDeferredValue(text);
  const items = usePaletteItems(onShortcuts, { withPeople: text.startsWith('@') });
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    performance.mark('palette:open');
  }, []);

  const found = useMemo(() => search(items, searched), [items, searched]);
  const current = Math.min(at, Math.max(0, found.length - 1));

  function choose(index: number): void {
    // What was typed last counts, also when the list has not been drawn for it yet.
    const item = (searched === text ? found : search(items, text))[index];
    if (item === undefined) return;
    onClose();
    item.run();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const target = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: Math.min(current + 8, found.length - 1),
      PageUp: Math.max(current - 8, 0),
    }[event.key];
    if (event.key === 'Enter') choose(current);
    else if (target === undefined || found.length === 0) return;
    else {
      const next = (target + found.length) % found.length;
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
    }
    event.preventDefault();
  }

  return (
    <Dialog
      title="Search and run commands"
      isTitleHidden
      isOpen
      onClose={onClose}
      className="w-144"
      initialFocus={input}
    >
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Search databases, tables, commands"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found.length === 0 ? undefined : `${listId}-${current}`}
        aria-autocomplete="list"
        placeholder="Search; > commands, # tables, / databases, @ people, = tabs, : settings"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        className="h-11 w-full rounded-t-dialog border-b border-border bg-surface px-4 text-16 placeholder:text-text-3 focus-visible:-outline-offset-2"
      />
      {/* eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- the list of a combobox */}
      <div ref={list} id={listId} role="listbox" aria-label="Found" className="max-h-96 overflow-y-auto p-1">
        {found.map((item, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- keys and focus are the combobox's
          <div
            key={`${item.kind}${item.id}`}
            id={`${listId}-${index}`}
            // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as its list
            role="option"
            aria-selected={index === current}
            onClick={() => choose(index)}
            onPointerMove={() => setAt(index)}
            className={clsx(
              'flex min-h-8 cursor-default items-center gap-3 rounded-control px-3',
              index === current && 'bg-selection',
            )}
          >
            <span className={clsx('min-w-0 truncate', item.kind === 'table' && 'font-data text-12')}>
              {item.title}
            </span>
            <span className="ml-auto flex-none text-12 text-text-2">{item.group}</span>
            {item.keys === undefined ? null : <Key>{item.keys}</Key>}
          </div>
        ))}
      </div>
      <output className={found.length === 0 ? 'block px-4 pb-4 text-text-2' : 'sr-only'}>
        {found.length === 0 ? 'Nothing found.' : `${found.length} found`}
      </output>
    </Dialog>
  );
}

function search(items: readonly PaletteItem[], text: string): PaletteItem[] {
  const kind = prefixes[text[0] ?? ''];
  const scope =
    kind === undefined ? items : items.filter((item) => item.kind === kind || item.kind === alsoOf[kind]);
  return rank(scope, kind === undefined ? text : text.slice(1), shown);
}
