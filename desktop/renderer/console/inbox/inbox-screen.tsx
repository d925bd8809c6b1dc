/** The inbox (ux A4, A6): requests that wait for a decision, and emergencies that wait for a review, with all there is to know of each. */
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useNavigate, useParams } from '@tanstack/react-router';
import { clsx } from 'clsx';
import { useEffect, useEffectEvent } from 'react';
import type { ReactNode } from 'react';
import { useStatus } from '../../bridge/use-engine-data.ts';
import { standing, stateWords, termsLines, windowWords } from '../../requests/request-words.ts';
import { useKeyboard } from '../../shell/shortcuts/use-shortcuts.ts';
import { Chip } from '../../ui/chip.tsx';
import { Key } from '../../ui/marks.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { span } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useRead, useSearchParams } from '../use-console.ts';
import { isField } from './is-field.ts';
import { noteOpened } from './opened-requests.ts';
import { RequestReview } from './request-review.tsx';

type List = 'waiting' | 'review' | 'all';

const lists: readonly { readonly value: List; readonly label: string }[] = [
  { value: 'waiting', label: 'Waiting' },
  { value: 'review', label: 'Emergencies to review' },
  { value: 'all', label: 'All' },
];

const queries = {
  waiting: { scope: 'all', state: 'pending' },
  review: { scope: 'all', review: 'due' },
  all: { scope: 'all' },
} as const;

/** Milliseconds after which the list is read again: in a browser nobody tells that something came. */
const lookAgain = 5_000;

export function InboxScreen(): ReactNode {
  const { id } = useParams({ strict: false }) as { id?: string };
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const list = lists.find(({ value }) => value === search['list'])?.value ?? 'waiting';
  const requests = useRead(
    ['requests', 'console', list],
    async (api) => await api.listRequests({ query: { ...queries[list], limit: 200 } }),
    { every: lookAgain },
  );
  const items = sorted(requests.data?.items ?? [], list);
  const selected = id ?? items[0]?.id ?? null;
  const waiting = items.filter(({ state, approval }) => state === 'pending' && approval.mine);
  useEffect(() => {
    if (selected !== null) noteOpened(selected);
  }, [selected]);
  const open = (wanted: string): void =>
    void navigate({ to: '/admin/inbox/$id', params: { id: wanted }, search: { ...search }, replace: true });
  useListKeys(items, selected, open);
  return (
    <>
      <PageHeader title="Inbox">
        <Segmented<List>
          label="Which requests"
          value={list}
          options={lists}
          onChange={(value) => setSearch({ list: value === 'waiting' ? null : value })}
        />
        <span className="text-12 text-text-2 max-narrow:hidden">
          <Key>j</Key> <Key>k</Key> move · <Key>a</Key> approve · <Key>x</Key> deny · <Key>c</Key> comment
        </span>
      </PageHeader>
      <FetchedContent query={requests} what="the requests">
        {() =>
          items.length === 0 && id === undefined ? (
            <Empty title={emptyTitles[list]}>
              People ask for access on their Requests screen, in psql or by daam request.
            </Empty>
          ) : (
            <div className="wide:grid wide:min-h-0 wide:flex-1 wide:grid-cols-[22rem_minmax(0,1fr)]">
              <RequestList items={items} selected={selected} list={list} />
              {selected === null ? null : <RequestReview key={selected} id={selected} waiting={waiting} />}
            </div>
          )
        }
      </FetchedContent>
    </>
  );
}

const emptyTitles: Readonly<Record<List, string>> = {
  waiting: 'Nothing waits for a decision',
  review: 'No emergency waits for a review',
  all: 'Nobody has asked for anything yet',
};

/** What waits longest comes first; of all, the newest. */
function sorted(items: readonly RequestView[], list: List): readonly RequestView[] {
  return list === 'waiting'
    ? items.toSorted((one, other) => Date.parse(one.createdAt) - Date.parse(other.createdAt))
    : items;
}

function RequestList({
  items,
  selected,
  list,
}: {
  readonly items: readonly RequestView[];
  readonly selected: string | null;
  readonly list: List;
}): ReactNode {
  const now = useNow();
  const me = useStatus().data?.account?.userId ?? null;
  return (
    <nav aria-label="Requests" className="border-border wide:overflow-y-auto wide:border-r">
      <ul>
        {items.map((request) => (
          <li key={request.id}>
            <a
              href={`#/admin/inbox/${encodeURIComponent(request.id)}${list === 'waiting' ? '' : `?list=${list}`}`}
              aria-current={request.id === selected ? 'true' : undefined}
              className={clsx(
                'block border-b border-border px-4 py-2 focus-visible:-outline-offset-2',
                request.id === selected ? 'bg-selection' : 'hover:bg-app',
              )}
            >
              <span className="flex items-center gap-2">
                <span className="min-w-0 flex-1 truncate font-medium" title={request.requester.email}>
                  {request.requester.email}
                </span>
                <span className="flex-none text-12 text-text-2">
                  {span(Date.parse(request.createdAt), now)}
                </span>
              </span>
              <span className="block truncate text-12 text-text-2">
                {request.database.name}: {termsLines(request.asked)[0] ?? ''} {windowWords(request.asked)}
              </span>
              <span className="mt-1 flex flex-wrap gap-1">
                <Chip tone={stateWords[request.state][1]}>{stateWords[request.state][0]}</Chip>
                {request.emergency ? <Chip tone="bad">emergency</Chip> : null}
                {request.requester.id === me ? <Chip>your own</Chip> : null}
                <span className="sr-only">{standing(request, now)}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** j and k outside of fields: the next and the previous request. */
function useListKeys(
  items: readonly RequestView[],
  selected: string | null,
  open: (id: string) => void,
): void {
  const { singleKeys } = useKeyboard();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!singleKeys || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
    const at = items.findIndex(({ id }) => id === selected);
    const next = step === 0 ? undefined : items[Math.max(0, at + step)];
    if (next === undefined) return;
    event.preventDefault();
    open(next.id);
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
