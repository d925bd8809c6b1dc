import type { ApiClient } from '@daam/shared/api/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useApi } from '../../bridge/use-api.ts';
import { apiKey } from '../../bridge/use-engine-data.ts';

export type SessionPart = 'live' | 'recorded';

type Page = Awaited<ReturnType<ApiClient['listConnections']>>;
export type SessionPages = UseInfiniteQueryResult<InfiniteData<Page>>;

const pageSize = 200;
/** No sign-in lasts as long: what was opened before is no live session. */
const longestLiveMs = 30 * 86_400_000;

/** Sessions, newest first, page by page; those that are open are read again every few seconds. */
export function useSessions(part: SessionPart, database: string): SessionPages {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [apiKey, 'sessions', part, database],
    refetchInterval: part === 'live' ? 3_000 : 15_000,
    initialPageParam: '',
    getNextPageParam: (last: Page) => last.next,
    queryFn: async ({ pageParam }) =>
      await api.listConnections({
        query: {
          kind: 'session.opened',
          limit: pageSize,
          ...(part === 'live'
            ? { state: 'open', from: new Date(Date.now() - longestLiveMs).toISOString() }
            : { state: 'ended' }),
          ...(database === '' ? {} : { database }),
          ...(pageParam === '' ? {} : { after: pageParam }),
        },
      }),
  });
}
