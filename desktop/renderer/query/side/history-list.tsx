import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { HistoryEntry } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Select } from '../../ui/select.tsx';
import { Loading, Problem } from '../../ui/states.tsx';
import { useNow } from '../../ui/use-now.ts';
import { duration, moment } from '../../ui/time.ts';

type Outcome = HistoryEntry['outcome'];

const outcomes: Readonly<Record<Outcome, string>> = {
  done: '',
  failed: 'failed',
  refused: 'refused',
  cancelled: 'cancelled',
  unknown: 'not known',
};
const anyOutcome = 'any';
const outcomeOptions: readonly { readonly value: Outcome | typeof anyOutcome; readonly label: string }[] = [
  { value: anyOutcome, label: 'Any outcome' },
  { value: 'done', label: 'Done' },
  { value: 'failed', label: 'Failed' },
  { value: 'refused', label: 'Refused' },
  { value: 'cancelled', label: 'Cancelled' },
  { value: 'unknown', label: 'Not known' },
];
const page = 50;
const typingPause = 250;

export interface HistoryListProps {
  /** Of the tab; the list is of it alone until another choice is made. */
  readonly database: string | null;
  readonly onInsert: (text: string) => void;
}

/** What ran on this device, newest first. Choosing one writes it into the editor; nothing is run. */
export function HistoryList({ database, onInsert }: HistoryListProps): ReactNode {
  const bridge = useBridge();
  const queries = useQueryClient();
  const now = useNow();
  const [text, setText] = useState('');
  const [searched, setSearched] = useState('');
  const [outcome, setOutcome] = useState<Outcome | typeof anyOutcome>(anyOutcome);
  const [isEverywhere, setEverywhere] = useState(false);
  const of = isEverywhere ? null : database;
  useEffect(() => {
    const timer = setTimeout(() => setSearched(text.trim()), typingPause);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(
    () => bridge.on('historyChanged', () => void queries.invalidateQueries({ queryKey: ['history'] })),
    [bridge, queries],
  );
  const history = useInfiniteQuery({
    queryKey: ['history', of, searched, outcome],
    queryFn: ({ pageParam }) =>
      bridge.call('listHistory', {
        database: of,
        text: searched === '' ? null : searched,
        outcome: outcome === anyOutcome ? null : outcome,
        after: pageParam,
        limit: page,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const items = history.data?.pages.flatMap((one) => one.items);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="border-b border-border px-2 py-1">
        <input
          type="search"
          aria-label="Search the history"
          placeholder="Search the history"
          value={text}
          onChange={({ target }) => setText(target.value)}
          className="h-7 w-full rounded-control border border-control bg-surface px-2"
        />
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 pt-1">
          <Select
            label="Outcome"
            isLabelHidden
            className="w-36"
            value={outcome}
            options={outcomeOptions}
            onChange={setOutcome}
          />
          {database === null ? null : (
            <Checkbox label="All databases" checked={isEverywhere} onChange={setEverywhere} />
          )}
        </div>
      </div>
      {history.isError ? (
        <div className="p-2">
          <Problem error={history.error} onRetry={() => void history.refetch()} />
        </div>
      ) : null}
      {items === undefined ? (
        history.isError ? null : (
          <Loading what="the history" />
        )
      ) : items.length === 0 ? (
        <p className="p-3 text-text-2">
          {searched === '' && outcome === anyOutcome ? 'Nothing here yet.' : 'Nothing matches.'}
        </p>
      ) : (
        <ul className="min-h-0 flex-1 overflow-y-auto">
          {items.map((entry) => (
            <li key={entry.id} className="border-b border-border">
              <button
                type="button"
                onClick={() => onInsert(entry.sql)}
                className="block w-full px-3 py-1.5 text-left hover:bg-app focus-visible:-outline-offset-2"
              >
                <span className="line-clamp-2 font-data text-12 break-all">{entry.sql}</span>
                <span className="flex flex-wrap gap-x-2 text-11 whitespace-nowrap text-text-2">
                  <span className="truncate">{entry.database.name}</span>
                  <span>{moment(entry.at, now)}</span>
                  <span className={entry.outcome === 'done' ? '' : 'font-medium text-bad'}>
                    {entry.outcome === 'done'
                      ? `${entry.rows.toLocaleString()} ${entry.rows === 1 ? 'row' : 'rows'}`
                      : outcomes[entry.outcome]}
                  </span>
                  {entry.tookMs === null ? null : <span>{duration(entry.tookMs)}</span>}
                </span>
              </button>
            </li>
          ))}
          {history.hasNextPage ? (
            <li className="p-2">
              <Button onClick={() => void history.fetchNextPage()}>Older</Button>
            </li>
          ) : null}
        </ul>
      )}
    </div>
  );
}
