/**
 * A decision on a request as a person at a terminal makes it: where the organization wants the passkey's own touch over
 * it, a page of the control plane shows what is signed and takes the touch, and this waits until the request shows it.
 */
import type { ApiClient } from '@daam/shared/api/client';
import type { DecisionBody, RequestView } from '@daam/shared/api/routes/requests';
import { toAppError } from '@daam/shared/errors/app-error';
import type { CommandContext } from './command.ts';
import { touchOnPage } from './touch-page.ts';

export interface DecideRequest {
  readonly id: string;
  readonly body: DecisionBody;
  /** The same decision without a touch. */
  readonly decide: () => Promise<RequestView>;
}

/** Decides, by a touch where one is wanted. TIMEOUT when nobody touched in time, CANCELLED at Ctrl-C. */
export async function decideWithTouch(
  context: CommandContext,
  client: ApiClient,
  { id, body, decide }: DecideRequest,
): Promise<RequestView> {
  try {
    return await decide();
  } catch (thrown) {
    if (toAppError(thrown).code !== 'TOUCH_REQUIRED') throw thrown;
  }
  return await touchOnPage(context, {
    words: 'Your passkey decides.',
    prepared: await client.beginDecision({ params: { id }, body }),
    look: async () => {
      const request = await client.getRequest({ params: { id } });
      return request.approval.mine ? null : request;
    },
    unfinished: 'Nothing was decided here.',
  });
}
