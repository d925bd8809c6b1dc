/**
 * A page of the control plane where a passkey signs what was prepared, as a person at a terminal comes to it: the system's
 * browser opens it, and this waits until the control plane shows that it was signed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@daam/shared/errors/app-error';
import { readControlPlaneUrl } from '../engine/sign-in/control-plane-url.ts';
import type { CommandContext } from './command.ts';
import { openInBrowser } from './open-in-browser.ts';

/** Milliseconds between two looks. */
const lookEveryMs = 1_000;

export interface TouchPage<Result> {
  /** What the passkey does, for people: "Your passkey decides." */
  readonly words: string;
  /** What was prepared. Behind the address's `#` is a secret of the caller. */
  readonly prepared: { readonly url: string; readonly expiresAt: string };
  /** Null while nobody has touched. */
  readonly look: () => Promise<Result | null>;
  /** For CANCELLED. */
  readonly unfinished: string;
}

/** Shows the page and waits. TIMEOUT when nobody touched in time, CANCELLED at Ctrl-C. */
export async function touchOnPage<Result>(context: CommandContext, page: TouchPage<Result>): Promise<Result> {
  show(context, page);
  const until = Date.parse(page.prepared.expiresAt);
  const interrupted = new AbortController();
  const release = context.onSignal(() => interrupted.abort());
  try {
    while (Date.now() < until && !interrupted.signal.aborted) {
      await delay(lookEveryMs, undefined, { signal: interrupted.signal }).catch(() => {});
      const found = await page.look();
      if (found !== null) return found;
    }
  } finally {
    release();
  }
  if (interrupted.signal.aborted) throw new AppError('CANCELLED', { message: page.unfinished });
  throw new AppError('TIMEOUT', { message: 'The passkey was not touched in time.', hint: 'Try again.' });
}

/** What is behind the `#` is a secret of the caller, so it goes to this terminal and this browser alone. */
function show<Result>(
  { stderr, json, values }: CommandContext,
  { words, prepared: { url } }: TouchPage<Result>,
): void {
  // The system starts whatever program an address names: nothing but a page may get there.
  readControlPlaneUrl(url);
  const opens = values['no-browser'] !== true;
  if (json) stderr.write(`${JSON.stringify({ open: url })}\n`);
  else {
    const how = opens ? 'Your browser opens this page; open it yourself if it does not' : 'Open this page';
    stderr.write(`${words} ${how}:\n\n  ${url.replaceAll(/\p{Cc}/gu, '')}\n\n`);
  }
  if (opens) openInBrowser(url);
}
