import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { chipClass } from '../ui/chip.tsx';
import { span } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';
import { endingAccess } from './ending-access.ts';

/** Milliseconds before the end from which it is said in another colour. */
const soon = 10 * 60_000;

/** "Access ends in 42 min": the window that ends first on this database, and the way to a longer one. */
export function AccessChip({ database }: { readonly database: string }): ReactNode {
  const api = useApi();
  const now = useNow();
  const requests = useQuery({
    queryKey: [apiKey, 'requests', 'mine'],
    queryFn: () => api.listRequests({ query: { scope: 'mine', limit: 200 } }),
    refetchInterval: 60_000,
    retry: false,
  });
  const ending = endingAccess(requests.data?.items ?? [], database, now);
  if (ending === null) return null;
  const left = ending.endsAt - now;
  return (
    <a
      href={`#/requests/${encodeURIComponent(ending.request)}`}
      title={new Date(ending.endsAt).toLocaleString()}
      className={`${chipClass(left <= soon ? 'warn' : 'neutral')} min-h-6 hover:underline`}
    >
      Access ends in {span(now, ending.endsAt)} · Extend
    </a>
  );
}
