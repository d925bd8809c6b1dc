import type { KeyObject } from 'node:crypto';
import { hostname, platform, release } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from '@daam/shared/api/client';
import type { SignedIn } from '@daam/shared/api/routes/auth';
import type { PasskeyLogin } from '../engine-options.ts';
import { signInWithBrowser } from './browser-sign-in.ts';
import { signInWithDeviceCode } from './device-code-sign-in.ts';
import { label } from './device-key.ts';

/** One attempt to sign in the way that was asked for, as a function of the key that this device shows. */
export function passkeyAttempt(
  { controlPlane, signal, way, loginHint = null, organization = null, deviceName = null }: PasskeyLogin,
  client: ApiClient,
): (deviceKey: KeyObject) => Promise<SignedIn> {
  const subject = {
    deviceName: label(deviceName ?? hostname()),
    deviceOs: label(`${platform()} ${release()}`),
    loginHint,
    organization,
  };
  return async (deviceKey) => {
    const common = { client, controlPlane, deviceKey, signal, subject };
    if (way.kind === 'browser') return await signInWithBrowser({ ...common, show: way.show });
    const delay = async (ms: number, stop: AbortSignal): Promise<void> =>
      await wait(ms, undefined, { signal: stop });
    return await signInWithDeviceCode({ ...common, show: way.show, delay });
  };
}
