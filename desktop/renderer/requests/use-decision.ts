import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';

/** What is decided, and with which words and terms. */
export type DecisionAsked =
  | {
      readonly decision: 'approve';
      readonly note?: string;
      readonly minutes?: number;
      readonly access?: Record<string, unknown>;
    }
  | { readonly decision: 'deny'; readonly note: string };

/** Decisions that wait for the touch of a passkey on the control plane's own page. */
export interface WaitingTouch {
  readonly decision: DecisionAsked['decision'];
  readonly count: number;
  readonly url: string;
  readonly expiresAt: string;
}

export interface DecisionInHand {
  /** Decides on these requests alike; one touch, where one is needed, is for all of them. */
  readonly decide: (requests: readonly Pick<RequestView, 'id'>[], asked: DecisionAsked) => Promise<void>;
  readonly waiting: WaitingTouch | null;
  readonly cancel: () => void;
  readonly failure: AppError | null;
  readonly isBusy: boolean;
}

/** Milliseconds between two looks at whether the touch has come. */
const lookAgain = 2_000;

export function useDecision(): DecisionInHand {
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [failure, setFailure] = useState<AppError | null>(null);
  const [waiting, setWaiting] = useState<WaitingTouch | null>(null);
  const [isBusy, setBusy] = useState(false);
  useLookAgain(waiting, setWaiting);

  async function decideOne(id: string, { decision, ...body }: DecisionAsked): Promise<void> {
    if (decision === 'approve') await api.approveRequest({ params: { id }, body });
    else await api.denyRequest({ params: { id }, body: { note: body.note ?? '' } });
  }

  async function prepare(ids: readonly string[], asked: DecisionAsked): Promise<void> {
    const [only = ''] = ids;
    const prepared =
      ids.length === 1
        ? await api.beginDecision({ params: { id: only }, body: asked })
        : await api.beginDecisions({
            body: { decisions: ids.map((request) => ({ request, body: asked })) },
          });
    setWaiting({ decision: asked.decision, count: ids.length, ...prepared });
  }

  async function decideAll(ids: readonly string[], asked: DecisionAsked): Promise<void> {
    let done = 0;
    try {
      for (const id of ids) {
        await decideOne(id, asked);
        done += 1;
      }
      announce(asked.decision === 'approve' ? 'Approved.' : 'Denied.');
    } catch (thrown) {
      if (toAppError(thrown).code !== 'TOUCH_REQUIRED') throw thrown;
      await prepare(ids.slice(done), asked);
    }
  }

  async function decide(requests: readonly Pick<RequestView, 'id'>[], asked: DecisionAsked): Promise<void> {
    if (isBusy) return;
    setFailure(null);
    setBusy(true);
    try {
      await decideAll(
        requests.map(({ id }) => id),
        asked,
      );
    } catch (thrown) {
      setFailure(toAppError(thrown));
    } finally {
      setBusy(false);
    }
    await queries.invalidateQueries({ queryKey: [apiKey] });
  }

  return { decide, waiting, cancel: () => setWaiting(null), failure, isBusy };
}

function useLookAgain(
  waiting: WaitingTouch | null,
  setWaiting: (waiting: WaitingTouch | null) => void,
): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (waiting === null) return undefined;
    const timer = setInterval(() => {
      if (Date.now() > Date.parse(waiting.expiresAt)) setWaiting(null);
      void queries.invalidateQueries({ queryKey: [apiKey] });
    }, lookAgain);
    return () => clearInterval(timer);
  }, [queries, waiting, setWaiting]);
}
