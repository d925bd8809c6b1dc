import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Bridge } from '../../../ipc/bridge.ts';
import type { Result } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { IconButton } from '../../ui/icon-button.tsx';

export interface Match {
  readonly row: number;
  readonly column: number;
}

export interface FindBarProps {
  readonly result: string;
  readonly view: string | null;
  readonly onMatches: (matches: readonly Match[], current: Match | null) => void;
  readonly onClose: () => void;
}

interface Found {
  readonly matches: readonly Match[];
  readonly at: number;
  /** The row where the search goes on; null: everything was looked through. */
  readonly next: number | null;
}

const limit = 1_000;
/** Marked at once; there may be more. */
const maxMatches = 10_000;
const typingPause = 200;
const nothing: Found = { matches: [], at: 0, next: null };

/** Finds cells of the loaded rows that hold a text. Enter goes to the next one. */
export function FindBar({ result, view, onMatches, onClose }: FindBarProps): ReactNode {
  const bridge = useBridge();
  const [text, setText] = useState('');
  const [found, setFound] = useState(nothing);
  const [isSearching, setSearching] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(onMatches);
  useEffect(() => {
    latest.current = onMatches;
  });
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    let isStale = false;
    const begin = async (): Promise<void> => {
      setSearching(text !== '');
      const first =
        text === '' ? nothing : await search(bridge, { result, view, text, from: 0 }, () => isStale);
      if (isStale) return;
      setSearching(false);
      setFound(first);
      latest.current(first.matches, first.matches[0] ?? null);
    };
    const timer = setTimeout(() => void begin().catch(() => setSearching(false)), typingPause);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [bridge, result, view, text]);

  function show(next: Found): void {
    setFound(next);
    onMatches(next.matches, next.matches[next.at] ?? null);
  }

  async function step(by: 1 | -1): Promise<void> {
    const { matches, at, next } = found;
    if (matches.length === 0 || isSearching) return;
    const isAtEnd = by === 1 && at === matches.length - 1;
    if (!isAtEnd || next === null || matches.length >= maxMatches)
      return show({ ...found, at: (at + by + matches.length) % matches.length });
    setSearching(true);
    const isStale = (): boolean => input.current?.value !== text;
    try {
      const more = await search(bridge, { result, view, text, from: next }, isStale);
      if (isStale()) return;
      const all = [...matches, ...more.matches];
      show({ matches: all, at: more.matches.length === 0 ? 0 : at + 1, next: more.next });
    } finally {
      setSearching(false);
    }
  }

  return (
    <search className="flex items-center gap-1 border-b border-border bg-app px-3 py-1">
      <input
        ref={input}
        type="search"
        aria-label="Find in the result"
        placeholder="Find in loaded rows"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void step(event.shiftKey ? -1 : 1).catch(() => {});
          else if (event.key === 'Escape') onClose();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
        className="h-7 w-64 rounded-control border border-control bg-surface px-2"
      />
      <output className="min-w-20 px-1 text-12 text-text-2">
        {text === '' ? '' : isSearching ? 'Searching…' : words(found)}
      </output>
      <IconButton icon={ChevronUp} label="Previous" onClick={() => void step(-1).catch(() => {})} />
      <IconButton icon={ChevronDown} label="Next" onClick={() => void step(1).catch(() => {})} />
      <IconButton icon={X} label="Close the search" onClick={onClose} />
    </search>
  );
}

function words({ matches, at, next }: Found): string {
  if (matches.length === 0) return 'Not found';
  return `${(at + 1).toLocaleString()} of ${matches.length.toLocaleString()}${next === null ? '' : '+'}`;
}

/** The engine looks through a part at a time; this goes on until something is found or nothing is left. */
async function search(
  bridge: Bridge,
  asked: {
    readonly result: string;
    readonly view: string | null;
    readonly text: string;
    readonly from: number;
  },
  isStale: () => boolean,
): Promise<Found> {
  let from: number | null = asked.from;
  while (from !== null && !isStale()) {
    const answer: Result<'searchRows'> = await bridge.call('searchRows', {
      ...asked,
      from,
      isCaseSensitive: false,
      limit,
    });
    if (answer.matches.length > 0) return { ...answer, at: 0 };
    from = answer.next;
  }
  return nothing;
}
