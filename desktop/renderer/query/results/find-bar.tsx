import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
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

const limit = 1_000;
const typingPause = 200;

/** Finds cells of the loaded rows that hold a text. Enter goes to the next one. */
export function FindBar({ result, view, onMatches, onClose }: FindBarProps): ReactNode {
  const bridge = useBridge();
  const [text, setText] = useState('');
  const [matches, setMatches] = useState<readonly Match[]>([]);
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(onMatches);
  useEffect(() => {
    latest.current = onMatches;
  });
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    let isStale = false;
    const search = async (): Promise<void> => {
      const found =
        text === ''
          ? []
          : (await bridge.call('searchRows', { result, view, text, isCaseSensitive: false, from: 0, limit }))
              .matches;
      if (isStale) return;
      setMatches(found);
      setAt(0);
      latest.current(found, found[0] ?? null);
    };
    const timer = setTimeout(() => void search().catch(() => {}), typingPause);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [bridge, result, view, text]);

  function step(by: 1 | -1): void {
    if (matches.length === 0) return;
    const next = (at + by + matches.length) % matches.length;
    setAt(next);
    onMatches(matches, matches[next] ?? null);
  }

  const count = matches.length === limit ? `${limit.toLocaleString()}+` : matches.length.toLocaleString();
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
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') onClose();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
        className="h-7 w-64 rounded-control border border-control bg-surface px-2"
      />
      <output className="min-w-20 px-1 text-12 text-text-2">
        {text === '' ? '' : matches.length === 0 ? 'Not found' : `${at + 1} of ${count}`}
      </output>
      <IconButton icon={ChevronUp} label="Previous" onClick={() => step(-1)} />
      <IconButton icon={ChevronDown} label="Next" onClick={() => step(1)} />
      <IconButton icon={X} label="Close the search" onClick={onClose} />
    </search>
  );
}
