/** Putting policies in force from a screen: by the passkey where it has to sign, in this browser or on the control plane's page. */
import type { ApiClient } from '@daam/shared/api/client';
import type { PublicationBody } from '@daam/shared/api/routes/publications';
import type { AppError } from '@daam/shared/errors/app-error';
import { toAppError } from '@daam/shared/errors/app-error';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../bridge/use-api.ts';
import { apiKey } from '../../bridge/use-engine-data.ts';
import { useAnnounce } from '../../shell/announcer.tsx';
import { publishWithPasskey } from '../http/passkey.ts';

/** A publication that waits for its touch on the control plane's own page. */
export interface WaitingPublication {
  readonly id: string;
  readonly url: string;
  readonly expiresAt: string;
}

export interface PublicationState {
  /** Null until it is in force. */
  readonly published: { readonly epoch: number } | null;
  readonly waiting: WaitingPublication | null;
  readonly failure: AppError | null;
  readonly isBusy: boolean;
  readonly publish: (
    body: PublicationBody,
    direct: (api: ApiClient) => Promise<{ readonly epoch: number }>,
  ) => Promise<void>;
  readonly stopWaiting: () => void;
}

/** Milliseconds between two looks at whether the touch has come. */
const lookAgain = 2_000;

/** `said`: the words when it is in force. */
export function usePublication(database: string, said: string): PublicationState {
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [published, setPublished] = useState<{ readonly epoch: number } | null>(null);
  const [waiting, setWaiting] = useState<WaitingPublication | null>(null);
  const [failure, setFailure] = useState<AppError | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function tell(): Promise<void> {
    announce(said);
    await queries.invalidateQueries({ queryKey: [apiKey] });
  }
  async function done(made: { readonly epoch: number }): Promise<void> {
    setPublished(made);
    await tell();
  }
  async function touch(body: PublicationBody): Promise<void> {
    const prepared = await api.beginPublication({ params: { database }, body });
    // The console is at the control plane's own origin: its page's steps can be taken here.
    if (new URL(prepared.url).origin === location.origin) await done(await publishWithPasskey(prepared.url));
    else setWaiting(prepared);
  }
  const publish: PublicationState['publish'] = async (body, direct) => {
    setBusy(true);
    setFailure(null);
    try {
      await done(await direct(api));
    } catch (thrown) {
      const error = toAppError(thrown);
      await (error.code === 'TOUCH_REQUIRED' ? touch(body) : Promise.reject(error)).catch((cause: unknown) =>
        setFailure(toAppError(cause)),
      );
    } finally {
      setBusy(false);
    }
  };
  const stopWaiting = (): void => setWaiting(null);
  const found = useLooking(database, waiting, { onFound: tell, onOver: stopWaiting });
  const isWaiting = found === null && published === null;
  return {
    published: published ?? found,
    waiting: isWaiting ? waiting : null,
    failure,
    isBusy,
    publish,
    stopWaiting,
  };
}

/** Looks for the revision that the touch makes elsewhere, until it is there or the time is over. */
function useLooking(
  database: string,
  waiting: WaitingPublication | null,
  { onFound, onOver }: { readonly onFound: () => Promise<void>; readonly onOver: () => void },
): { readonly epoch: number } | null {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ['console-publication', waiting?.id],
    enabled: waiting !== null,
    refetchInterval: ({ state }) => (state.data ? false : lookAgain),
    gcTime: 0,
    queryFn: async () => {
      const { items } = await api.listPolicyRevisions({ params: { database }, query: { limit: 20 } });
      const made = items.find(({ publication }) => publication === waiting?.id);
      if (made !== undefined) await onFound();
      else if (waiting !== null && Date.now() > Date.parse(waiting.expiresAt)) onOver();
      return made === undefined ? null : { epoch: made.epoch };
    },
  });
  return data ?? null;
}
