/** How a person at a terminal is led to their sign-in: a page that is opened or printed, or a code for another machine. */
import { AppError } from '@daam/shared/errors/app-error';
import type { PasskeyLogin } from '../engine/engine.ts';
import type { CommandContext } from './command.ts';
import { openInBrowser } from './open-in-browser.ts';

/** `print` shows the page's address and opens nothing. */
export type SignInHow = 'browser' | 'print' | 'device-code';

/** The way for the engine; what it shows goes to standard error. */
export function signInWay(context: CommandContext, how: SignInHow): PasskeyLogin['way'] {
  return how === 'device-code'
    ? { kind: 'device-code', show: (page) => showCode(context, page) }
    : { kind: 'browser', show: (page) => showPage(context, page, how) };
}

/** Fires at the first signal that would end the program, until it is released. */
export function untilInterrupted({ onSignal }: Pick<CommandContext, 'onSignal'>): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const stop = new AbortController();
  const release = onSignal(() =>
    stop.abort(new AppError('CANCELLED', { message: 'Signing in was interrupted.' })),
  );
  return { signal: stop.signal, release };
}

function showPage(
  { stderr, json }: CommandContext,
  { url, matchCode }: { readonly url: string; readonly matchCode: string },
  how: 'browser' | 'print',
): void {
  if (json) stderr.write(`${JSON.stringify({ open: url, matchCode })}\n`);
  else {
    stderr.write(
      `${how === 'browser' ? 'Your browser opens this page; open it yourself if it does not' : 'Open this page in a browser'} to sign in:\n\n` +
        `  ${url}\n\nThe page must show ${matchCode}. Waiting three minutes.\n`,
    );
  }
  if (how === 'browser') openInBrowser(url);
}

function showCode(
  { stderr, json }: CommandContext,
  page: Parameters<Extract<PasskeyLogin['way'], { kind: 'device-code' }>['show']>[0],
): void {
  if (json) {
    stderr.write(`${JSON.stringify(page)}\n`);
    return;
  }
  stderr.write(
    `On any device, open ${printable(page.verificationUri)} and enter the code ${printable(page.userCode)}\n` +
      `(or open ${printable(page.verificationUriComplete)}).\n\n` +
      `The page must show the key ${page.fingerprint}. Waiting ${Math.ceil(page.expiresIn / 60)} minutes.\n`,
  );
}

/** The control plane's words end in a terminal: no control characters. */
function printable(words: string): string {
  return words.replaceAll(/\p{Cc}/gu, ' ');
}
