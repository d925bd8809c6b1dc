/** Signing in in the system's browser: authorization code with PKCE over a loopback redirect (RFC 8252). */
import { authorizePath, type SignedIn } from '@daam/shared/api/routes/auth';
import { AppError } from '@daam/shared/errors/app-error';
import { matchCode } from '@daam/shared/identity/match-code';
import { x25519PublicText } from '@daam/shared/identity/x25519';
import { desktopClientId } from '@daam/shared/api/routes/auth';
import { exchange, type ExchangeOptions } from './exchange.ts';
import { openLoopbackRedirect } from './loopback-redirect.ts';
import { makePkce } from './pkce.ts';

/** How long the person may take, in milliseconds. */
export const browserPatienceMs = 3 * 60_000;

/** The device as its owner would name it, and hints for the page. */
export interface SignInSubject {
  readonly deviceName: string;
  readonly deviceOs: string;
  readonly loginHint: string | null;
  /** Name or id of the organization, where the control plane has several. */
  readonly organization: string | null;
}

/** The page to open, and the two characters that it and the app must both show. */
export interface SignInPage {
  readonly url: string;
  readonly matchCode: string;
}

/** Shows the page, waits for the person, exchanges the code. TIMEOUT when they take too long. */
export async function signInWithBrowser(
  options: ExchangeOptions & {
    readonly subject: SignInSubject;
    /** Opens the page, or tells the person to. */
    readonly show: (page: SignInPage) => void;
  },
): Promise<SignedIn> {
  const { controlPlane, deviceKey, subject, signal, show } = options;
  const pkce = makePkce();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooLate()), browserPatienceMs);
  try {
    await using redirect = await openLoopbackRedirect({
      state: pkce.state,
      signal: AbortSignal.any([signal, late.signal]),
    });
    const url = new URL(authorizePath, controlPlane);
    const query: Record<string, string | null> = {
      client_id: desktopClientId,
      response_type: 'code',
      redirect_uri: redirect.redirectUri,
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      state: pkce.state,
      device_name: subject.deviceName,
      device_os: subject.deviceOs,
      wg_key: x25519PublicText(deviceKey),
      login_hint: subject.loginHint,
      org: subject.organization,
    };
    for (const [name, value] of Object.entries(query)) if (value !== null) url.searchParams.set(name, value);
    show({ url: url.href, matchCode: matchCode(pkce.challenge) });
    const code = await redirect.code;
    const { redirectUri } = redirect;
    return await exchange({ kind: 'code', code, verifier: pkce.verifier, redirectUri }, options);
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(): AppError {
  return new AppError('TIMEOUT', {
    message: 'Nobody signed in within three minutes.',
    hint: 'Run "daam login" again; on a machine without a browser, "daam login --device-code".',
  });
}
