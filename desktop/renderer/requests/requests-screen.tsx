import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { useKeyboard } from '../shell/shortcuts/use-shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { PageHeader } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Empty, FetchedContent } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { Key } from '../ui/marks.tsx';
import { RequestActions } from './request-actions.tsx';
import { standing, stateWords, termsLines, windowWords } from './request-words.ts';

type List = 'open' | 'active' | 'past' | 'inbox';

const lists: readonly { readonly value: List; readonly label: string }[] = [
  { value: 'open', label: 'Open' },
  { value: 'active', label: 'Active' },
  { value: 'past', label: 'Past' },
  { value: 'inbox', label: 'For me to decide' },
];
const states: Readonly<Record<Exclude<List, 'inbox'>, readonly RequestView['state'][]>> = {
  open: ['pending'],
  active: ['approved', 'active'],
  past: ['expired', 'denied', 'revoked'],
};

/** My requests, and those that wait for my word (ux D7). */
export function RequestsScreen(): ReactNode {
  const api = useApi();
  const navigate = useNavigate();
  const { words } = useKeyboard();
  const search = useLocation().search as { list?: string };
  const list = lists.find(({ value }) => value === search.list)?.value ?? 'open';
  const scope = list === 'inbox' ? 'inbox' : 'mine';
  const query = useQuery({
    queryKey: [apiKey, 'requests', scope],
    queryFn: () => api.listRequests({ query: { scope, limit: 200 } }),
  });
  return (
    <>
      <PageHeader
        title="Requests"
        actions={
          <Button look="primary" onClick={() => void navigate({ to: '/requests/new' })}>
            Request access{' '}
            <span className="max-narrow:hidden">
              <Key>{words('requestAccess')}</Key>
            </span>
          </Button>
        }
      >
        <Segmented
          label="Which requests"
          value={list}
          options={lists}
          onChange={(value) => void navigate({ to: '/requests', search: { list: value } })}
        />
      </PageHeader>
      <FetchedContent query={query} what="the requests">
        {({ items }) => {
          const shown = list === 'inbox' ? items : items.filter(({ state }) => states[list].includes(state));
          return shown.length === 0 ? (
            <Empty title={emptyTitles[list]}>
              {list === 'open'
                ? 'Ask for a table, a column without its mask, or a policy, for a while.'
                : undefined}
            </Empty>
          ) : (
            <RequestTable requests={shown} hasActions={list === 'active'} />
          );
        }}
      </FetchedContent>
    </>
  );
}

const emptyTitles: Readonly<Record<List, string>> = {
  open: 'Nothing waits for an answer',
  active: 'No access for a while is open',
  past: 'Nothing has ended yet',
  inbox: 'Nothing waits for you',
};

function RequestTable({
  requests,
  hasActions,
}: {
  readonly requests: readonly RequestView[];
  readonly hasActions: boolean;
}): ReactNode {
  const now = useNow();
  return (
    <DataTable
      label="Requests"
      rows={requests}
      rowKey={({ id }) => id}
      columns={[
        {
          id: 'database',
          header: 'Database',
          render: ({ id, database }) => (
            <a
              href={`#/requests/${encodeURIComponent(id)}`}
              className="font-medium wrap-anywhere text-accent hover:underline"
            >
              {database.name}
            </a>
          ),
        },
        {
          id: 'state',
          header: 'State',
          render: ({ state, emergency }) => (
            <span className="flex flex-wrap gap-1">
              <Chip tone={stateWords[state][1]}>{stateWords[state][0]}</Chip>
              {emergency ? <Chip tone="bad">emergency</Chip> : null}
            </span>
          ),
        },
        {
          id: 'what',
          header: 'What',
          render: ({ granted }) => {
            const lines = termsLines(granted);
            return `${lines[0] ?? ''}${lines.length > 1 ? ` and ${lines.length - 1} more` : ''} ${windowWords(granted)}`;
          },
        },
        { id: 'by', header: 'By', render: ({ requester }) => requester.email },
        {
          id: 'now',
          header: 'Now',
          render: (request) => <span className="wrap-anywhere">{standing(request, now)}</span>,
        },
        ...(hasActions
          ? [
              {
                id: 'actions',
                header: 'Do',
                render: (request: RequestView) => <RequestActions request={request} isInList />,
              },
            ]
          : []),
      ]}
    />
  );
}
