import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../ipc/schema.ts';
import type { EngineStatus } from '../engine-options.ts';
import type { PasskeyLogin } from '../engine.ts';
import { SignInService } from './sign-in-service.ts';

const asked = { controlPlane: 'http://localhost:7400', way: 'browser', organization: null } as const;

/** An engine whose sign-ins the test ends. */
function start() {
  const events: BridgeEvent[] = [];
  const logins: { readonly login: PasskeyLogin; readonly end: (failure: AppError | null) => void }[] = [];
  const engine = {
    status: async () =>
      ({ account: null, secrets: { store: 'file', state: 'missing' } }) as unknown as EngineStatus,
    signInAgain: async () => await Promise.reject(new AppError('CANCELLED')),
    loginWithPasskey: (login: PasskeyLogin) =>
      new Promise<never>((resolve, reject) => {
        login.signal.addEventListener('abort', () => reject(login.signal.reason as AppError));
        logins.push({ login, end: (failure) => (failure === null ? resolve({} as never) : reject(failure)) });
        if (login.way.kind === 'browser')
          login.way.show({ url: 'http://localhost:7400/auth', matchCode: 'K7' });
        else
          login.way.show({
            verificationUri: 'u',
            verificationUriComplete: 'u?c',
            userCode: 'AB-CD',
            fingerprint: 'f',
            expiresIn: 600,
          });
      }),
  };
  const service = new SignInService({ engine, emit: (event) => events.push(event), now: () => 0 });
  const kinds = (): string[] =>
    events.flatMap((event) => (event.event === 'signInChanged' ? [event.payload.signIn.kind] : []));
  return { service, logins, kinds };
}

describe('signing in from a screen', () => {
  it('shows the page and its code, and says when it is done', async () => {
    const { service, logins, kinds } = start();
    expect(await service.start(asked)).toMatchObject({ kind: 'browser', matchCode: 'K7' });
    logins[0]?.end(null);
    await expect.poll(() => service.state.kind).toBe('done');
    expect(kinds()).toEqual(['preparing', 'browser', 'done']);
  });

  it('enrolls the device under the name that the person gave it', async () => {
    const { service, logins } = start();
    expect(await service.start({ ...asked, deviceName: 'Mina’s\u0007 laptop' })).toMatchObject({
      deviceName: 'Mina’s  laptop',
    });
    expect(logins[0]?.login.deviceName).toBe('Mina’s\u0007 laptop');
    await service.cancel();
    expect(await service.device()).toMatchObject({ keyPlace: 'file', keyState: 'missing' });
  });

  it('has only the same person sign in while the app is locked, and opens it after that alone', async () => {
    const done: string[] = [];
    const failures: AppError[] = [new AppError('UNAUTHENTICATED')];
    const service = new SignInService({
      engine: {
        status: async () => await Promise.reject(new AppError('INTERNAL')),
        loginWithPasskey: async () => await Promise.reject(new AppError('INTERNAL')),
        signInAgain: async () => {
          const failure = failures.pop();
          if (failure !== undefined) throw failure;
          return {} as never;
        },
      },
      emit: () => {},
      now: () => 0,
      isSamePersonAsked: async () => true,
      onDone: async () => void done.push('open'),
    });
    expect(await service.start(asked)).toMatchObject({ kind: 'failed', error: { code: 'UNAUTHENTICATED' } });
    expect(done).toEqual([]);
    expect(await service.start(asked)).toEqual({ kind: 'done' });
    expect(done).toEqual(['open']);
  });

  it('shows a code for another device', async () => {
    const { service } = start();
    expect(await service.start({ ...asked, way: 'device-code' })).toMatchObject({
      userCode: 'AB-CD',
      endsAt: '1970-01-01T00:10:00.000Z',
    });
    await service.cancel();
  });

  it('tells a failure with its code', async () => {
    const { service, logins } = start();
    await service.start(asked);
    logins[0]?.end(new AppError('TIMEOUT'));
    await expect.poll(() => service.state).toMatchObject({ kind: 'failed', error: { code: 'TIMEOUT' } });
  });

  it('ends the one before when another begins, and shows nothing of it any more', async () => {
    const { service, logins } = start();
    await service.start(asked);
    await service.start({ ...asked, way: 'device-code' });
    expect(logins[0]?.login.signal.aborted).toBe(true);
    expect(service.state.kind).toBe('device-code');
    await service.cancel();
    expect(service.state).toEqual({ kind: 'none' });
  });
});
