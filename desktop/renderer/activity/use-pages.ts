import { useInfiniteQuery } from '@tanstack/react-query';
import { apiKey } from '../bridge/use-engine-data.ts';
import type { Fetched } from '../ui/states.tsx';

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface Pages<Item> extends Fetched<readonly Item[]> {
  /** Whether there are more; `more` reads them. */
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly more: () => void;
}

/** A list of the control plane that comes in pages, read one after another as far as somebody goes. */
export function usePages<Item>(
  key: readonly unknown[],
  read: (after: string | undefined) => Promise<Page<Item>>,
): Pages<Item> {
  const query = useInfiniteQuery({
    queryKey: [apiKey, ...key],
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return {
    data: query.data?.pages.flatMap(({ items }) => items),
    error: query.error,
    isError: query.isError,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    isReading: query.isFetchingNextPage,
    more: () => void query.fetchNextPage(),
  };
}
