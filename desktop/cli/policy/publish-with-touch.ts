/**
 * A publication as a person at a terminal makes it: where the organization wants the passkey's own touch over it, a page
 * of the control plane shows what is published and takes the touch, and this waits until the revision is there.
 */
import type { ApiClient } from '@daam/shared/api/client';
import type { PublicationBody } from '@daam/shared/api/routes/publications';
import { toAppError } from '@daam/shared/errors/app-error';
import type { CommandContext } from '../command.ts';
import { touchOnPage } from '../touch-page.ts';

type PolicyState = Awaited<ReturnType<ApiClient['getPolicies']>>;

export interface PublishRequest {
  readonly database: string;
  readonly body: PublicationBody;
  /** The same publication without a touch. */
  readonly publish: () => Promise<PolicyState>;
}

/** Revisions that are looked at for the one that the touch made. */
const looked = 20;

/** Publishes, by a touch where one is wanted. TIMEOUT when nobody touched in time, CANCELLED at Ctrl-C. */
export async function publishWithTouch(
  context: CommandContext,
  client: ApiClient,
  { database, body, publish }: PublishRequest,
): Promise<PolicyState> {
  try {
    return await publish();
  } catch (thrown) {
    if (toAppError(thrown).code !== 'TOUCH_REQUIRED') throw thrown;
  }
  const params = { database };
  const prepared = await client.beginPublication({ params, body });
  return await touchOnPage(context, {
    words: 'Your passkey publishes.',
    prepared,
    look: async () => {
      const { items } = await client.listPolicyRevisions({ params, query: { limit: looked } });
      const isMade = items.some(({ publication }) => publication === prepared.id);
      return isMade ? await client.getPolicies({ params }) : null;
    },
    unfinished: 'Nothing was published here.',
  });
}
