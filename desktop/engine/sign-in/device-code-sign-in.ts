/** Signing in in a browser elsewhere: a code that the person types there, and patient asking here (RFC 8628). */
import { desktopClientId, type SignedIn } from '@daam/shared/api/routes/auth';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { deviceKeyFingerprint } from '@daam/shared/identity/match-code';
import { x25519PublicText } from '@daam/shared/identity/x25519';
import type { SignInSubject } from './browser-sign-in.ts';
import { exchange, type ExchangeOptions } from './exchange.ts';

/** What the person needs to go on elsewhere. */
export interface DeviceCodePage {
  readonly verificationUri: string;
  readonly verificationUriComplete: string;
  readonly userCode: string;
  /** The page shows it too: who sees another one there is being tricked. */
  readonly fingerprint: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** What `slow_down` adds to the interval (RFC 8628 section 3.5), and the least and most that is waited. Seconds. */
const slowDown = 5;
const bounds = { min: 1, max: 60, lifetime: 1_800 } as const;

/** What to do after an attempt: pure, so that it can be tested without waiting. */
export type PollStep =
  | { readonly kind: 'again'; readonly interval: number }
  | { readonly kind: 'failed'; readonly failure: AppError };

/** `interval` in seconds is how long was waited before the attempt that failed. */
export function nextPoll(failure: AppError, interval: number): PollStep {
  const { code } = failure;
  if (code === 'AUTHORIZATION_PENDING') return { kind: 'again', interval };
  if (code === 'RATE_LIMITED') return { kind: 'again', interval: Math.min(interval + slowDown, bounds.max) };
  // RFC 8628 section 3.5: after a connection that failed, less often.
  const isOutage = code === 'CONTROL_PLANE_UNAVAILABLE' || code === 'TIMEOUT';
  if (isOutage) return { kind: 'again', interval: Math.min(interval * 2, bounds.max) };
  if (code === 'UNAUTHENTICATED') return { kind: 'failed', failure: codeIsOver(failure) };
  return { kind: 'failed', failure: code === 'FORBIDDEN' ? refused(failure) : failure };
}

/** Shows the code, asks until the person has signed in elsewhere. TIMEOUT when the code is over. */
export async function signInWithDeviceCode(
  options: ExchangeOptions & {
    readonly subject: SignInSubject;
    readonly show: (page: DeviceCodePage) => void;
    /** Waits; rejects when the signal fires. */
    readonly delay: (ms: number, signal: AbortSignal) => Promise<void>;
  },
): Promise<SignedIn> {
  const { client, deviceKey, subject, show, signal, delay } = options;
  const wgKey = x25519PublicText(deviceKey);
  const started = await client.startDeviceCode(
    {
      body: {
        client_id: desktopClientId,
        device_name: subject.deviceName,
        device_os: subject.deviceOs,
        wg_key: wgKey,
        ...(subject.loginHint === null ? {} : { login_hint: subject.loginHint }),
        ...(subject.organization === null ? {} : { org: subject.organization }),
      },
    },
    { signal },
  );
  show({
    verificationUri: started.verification_uri,
    verificationUriComplete: started.verification_uri_complete,
    userCode: started.user_code,
    fingerprint: deviceKeyFingerprint(wgKey),
    expiresIn: started.expires_in,
  });
  let interval = clamp(started.interval, bounds.min, bounds.max);
  let left = clamp(started.expires_in, bounds.min, bounds.lifetime);
  while (left > 0) {
    await delay(interval * 1_000, signal).catch((cause: unknown) => {
      throw new AppError('CANCELLED', { cause });
    });
    left -= interval;
    try {
      return await exchange({ kind: 'device-code', deviceCode: started.device_code }, options);
    } catch (thrown) {
      const step = nextPoll(toAppError(thrown), interval);
      if (step.kind === 'failed') throw step.failure;
      interval = step.interval;
    }
  }
  throw codeIsOver();
}

function refused(cause: AppError): AppError {
  return new AppError('FORBIDDEN', { message: 'Signing in was refused.', cause });
}

function codeIsOver(cause?: unknown): AppError {
  return new AppError('TIMEOUT', {
    message: 'The code has run out before anybody used it.',
    hint: 'Run "daam login --device-code" again.',
    cause,
  });
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(Math.ceil(value), min), max);
}
