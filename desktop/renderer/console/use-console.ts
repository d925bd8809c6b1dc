/** Reading and changing things of the control plane, as every screen of the console does it. */
import type { ApiClient } from '@daam/shared/api/client';
import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey, useStatus } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';

export interface ReadingOptions {
  /** Milliseconds after which it is read again; absent: when something changed. */
  readonly every?: number;
  readonly enabled?: boolean;
}

/** What the control plane answers; stale as soon as anything was changed here. */
export function useRead<Value>(
  key: readonly unknown[],
  read: (api: ApiClient) => Promise<Value>,
  { every, enabled = true }: ReadingOptions = {},
): UseQueryResult<Value> {
  const api = useApi();
  return useQuery({
    // The app's own screens read the same names for the person alone: "devices" are everybody's here.
    queryKey: [apiKey, 'console', ...key],
    queryFn: () => read(api),
    enabled,
    // Of a screen that was opened before: shown at once, and read again.
    staleTime: 1_000,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
}

export interface Action {
  /** Does it, says `said`, and has everything read anew. False: it failed, see `failure`. */
  readonly run: (work: (api: ApiClient) => Promise<unknown>, said?: string) => Promise<boolean>;
  readonly failure: AppError | null;
  readonly isBusy: boolean;
  readonly clear: () => void;
}

/** Something that changes the control plane: one at a time, its failure kept until the next. */
export function useAction(): Action {
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [failure, setFailure] = useState<AppError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = useCallback(
    async (work: (api: ApiClient) => Promise<unknown>, said?: string) => {
      setBusy(true);
      setFailure(null);
      try {
        await work(api);
        if (said !== undefined) announce(said);
        await queries.invalidateQueries({ queryKey: [apiKey] });
        return true;
      } catch (thrown) {
        setFailure(toAppError(thrown));
        return false;
      } finally {
        setBusy(false);
      }
    },
    [api, queries, announce],
  );
  const clear = useCallback(() => setFailure(null), []);
  return { run, failure, isBusy, clear };
}

/** Whether the person may change things; auditors look. */
export function useIsAdmin(): boolean {
  return useStatus().data?.account?.role === 'admin';
}

/** The part of the address behind `?`: filters and selections live there, so that every view is a link. */
export function useSearchParams(): readonly [
  Readonly<Record<string, string>>,
  (changes: Readonly<Record<string, string | null>>) => void,
] {
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  const texts = Object.fromEntries(
    Object.entries(search as Record<string, unknown>).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [],
    ),
  );
  return [
    texts,
    (changes) => {
      const all = Object.entries({ ...texts, ...changes }).filter(
        ([, value]) => value !== null && value !== '',
      );
      void navigate({ to: pathname, search: Object.fromEntries(all), replace: true });
    },
  ];
}
