import type { ReactNode } from 'react';

export interface TextViewProps {
  readonly label: string;
  /** Null: NULL. */
  readonly text: string | null;
  readonly isWrapped: boolean;
  /** Which of the places is shown; they are found by `findPlaces`. */
  readonly places: readonly number[];
  readonly current: number;
  readonly length: number;
}

const most = 1_000;

/** Where a text holds another, whatever the case; the first thousand places. */
export function findPlaces(text: string, search: string): readonly number[] {
  if (search === '') return [];
  const [whole, part] = [text.toLowerCase(), search.toLowerCase()];
  // Some letters change their length with their case: then places would be wrong.
  const [from, what] = whole.length === text.length ? [whole, part] : [text, search];
  const places: number[] = [];
  for (
    let at = from.indexOf(what);
    at >= 0 && places.length < most;
    at = from.indexOf(what, at + what.length)
  )
    places.push(at);
  return places;
}

function bringIntoSight(mark: HTMLElement | null): void {
  mark?.scrollIntoView({ block: 'center' });
}

/** A long text; the place that was found is marked, and brought into sight. */
export function TextView({ label, text, isWrapped, places, current, length }: TextViewProps): ReactNode {
  const at = places[current];
  return (
    <pre
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable
      tabIndex={0}
      aria-label={label}
      className={`min-h-0 flex-1 overflow-auto px-3 py-2 font-data text-12 ${isWrapped ? 'break-words whitespace-pre-wrap' : ''}`}
    >
      {text === null ? (
        <em className="text-text-3">NULL</em>
      ) : at === undefined ? (
        text
      ) : (
        <>
          {text.slice(0, at)}
          <mark key={at} ref={bringIntoSight} className="bg-selection text-text outline-1 outline-accent">
            {text.slice(at, at + length)}
          </mark>
          {text.slice(at + length)}
        </>
      )}
    </pre>
  );
}
