/**
 * A decision on a request as a person at a terminal makes it: where the organization wants the passkey's own touch over
 * it, a page of the control plane shows what is signed and takes the touch, and this waits until the request shows it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '@daam/shared/api/client';
import type { DecisionBody, RequestView } from '@daam/shared/api/routes/requests';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { readControlPlaneUrl } from '../engine/sign-in/control-plane-url.ts';
import type { CommandContext } from './command.ts';
import { openInBrowser } from './open-in-browser.ts';

/** Milliseconds between two looks. */
const lookEveryMs = 1_000;

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
  const { url, expiresAt } = await client.beginDecision({ params: { id }, body });
  show(context, url);
  return await waitForTouch(context, client, { id, until: Date.parse(expiresAt) });
}

/** What is behind its `#` is a secret of the caller, so it goes to this terminal and this browser alone. */
function show({ stderr, json, values }: CommandContext, url: string): void {
  // The system starts whatever program an address names: nothing but a page may get there.
  readControlPlaneUrl(url);
  const opens = values['no-browser'] !== true;
  if (json) stderr.write(`${JSON.stringify({ open: url })}\n`);
  else {
    const how = opens ? 'Your browser opens this page; open it yourself if it does not' : 'Open this page';
    stderr.write(`Your passkey decides. ${how}:\n\n  ${url.replaceAll(/\p{Cc}/gu, '')}\n\n`);
  }
  if (opens) openInBrowser(url);
}

async function waitForTouch(
  { onSignal }: CommandContext,
  client: ApiClient,
  { id, until }: { readonly id: string; readonly until: number },
): Promise<RequestView> {
  const interrupted = new AbortController();
  const release = onSignal(() => interrupted.abort());
  try {
    while (Date.now() < until && !interrupted.signal.aborted) {
      await delay(lookEveryMs, undefined, { signal: interrupted.signal }).catch(() => {});
      const request = await client.getRequest({ params: { id } });
      if (!request.approval.mine) return request;
    }
  } finally {
    release();
  }
  if (interrupted.signal.aborted) throw new AppError('CANCELLED', { message: 'Nothing was decided here.' });
  throw new AppError('TIMEOUT', { message: 'The passkey was not touched in time.', hint: 'Try again.' });
}
