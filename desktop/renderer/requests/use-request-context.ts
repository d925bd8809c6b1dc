import type { RequestContext } from '@daam/shared/api/routes/requests';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';

/** What stands around a request; undefined while it is read, and where the control plane does not tell. */
export function useRequestContext(id: string, state: string): RequestContext | undefined {
  const api = useApi();
  return useQuery({
    // What is different with it does not change by the minute: read again when the request goes on.
    queryKey: [apiKey, 'request-context', id, state],
    queryFn: () => api.getRequestContext({ params: { id } }),
    staleTime: 60_000,
    retry: false,
  }).data;
}
