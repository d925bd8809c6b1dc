/** Signing in from a screen: the page or the code is shown there, the passkey is touched in the system's browser. */
import { hostname, platform, release } from 'node:os';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { toBridgeError } from '../../ipc/errors.ts';
import type { BridgeEvent, Params, Result, SignIn } from '../../ipc/schema.ts';
import type { Engine, PasskeyLogin } from '../engine.ts';
import { browserPatienceMs } from '../sign-in/browser-sign-in.ts';
import { label } from '../sign-in/device-key.ts';

export interface SignInServiceOptions {
  readonly engine: Pick<Engine, 'loginWithPasskey' | 'signInAgain' | 'status'>;
  /** Whether only the same person may sign in: the app is locked. */
  readonly isSamePersonAsked?: () => Promise<boolean>;
  readonly onDone?: () => Promise<void>;
  readonly emit: (event: BridgeEvent) => void;
  readonly now: () => number;
}

export class SignInService {
  readonly #options: SignInServiceOptions;
  #state: SignIn = { kind: 'none' };
  #stop: AbortController | null = null;
  #working: Promise<void> = Promise.resolve();

  constructor(options: SignInServiceOptions) {
    this.#options = options;
  }

  get state(): SignIn {
    return this.#state;
  }

  /** Ends the one before, if any. Answers as soon as there is something to show, or it failed. */
  async start({ controlPlane, way, organization, deviceName }: Params<'startSignIn'>): Promise<SignIn> {
    await this.cancel();
    const stop = new AbortController();
    this.#stop = stop;
    this.#tell({ kind: 'preparing' });
    const shown = Promise.withResolvers<void>();
    const show = (state: SignIn): void => {
      if (this.#stop === stop) this.#tell(state);
      shown.resolve();
    };
    const pages = this.#way(way, show, label(deviceName ?? hostname()));
    this.#working = this.#signIn({ controlPlane, organization, way: pages, signal: stop.signal, deviceName })
      .then(async () => await this.#options.onDone?.())
      .then(
        () => show({ kind: 'done' }),
        (thrown: unknown) => show(failureOf(thrown)),
      );
    await shown.promise;
    return this.#state;
  }

  async #signIn(asked: Omit<PasskeyLogin, 'deviceName'> & { readonly deviceName: string | undefined }) {
    const { engine, isSamePersonAsked } = this.#options;
    const { way, signal, deviceName } = asked;
    if ((await isSamePersonAsked?.()) === true) await engine.signInAgain({ way, signal });
    else await engine.loginWithPasskey({ ...asked, deviceName: deviceName ?? null });
  }

  async cancel(): Promise<void> {
    const stop = this.#stop;
    this.#stop = null;
    stop?.abort(new AppError('CANCELLED'));
    await this.#working;
    if (this.#state.kind !== 'none') this.#tell({ kind: 'none' });
  }

  /** What the device would be enrolled as. Its key is made, or found, at the sign-in. */
  async device(): Promise<Result<'describeDevice'>> {
    const { account, secrets } = await this.#options.engine.status();
    return {
      name: account?.device.name ?? label(hostname()),
      os: label(`${platform()} ${release()}`),
      keyPlace: secrets.store === 'file' ? 'file' : 'system',
      keyState: secrets.state,
    };
  }

  #way(
    way: Params<'startSignIn'>['way'],
    show: (state: SignIn) => void,
    deviceName: string,
  ): PasskeyLogin['way'] {
    const until = (ms: number): string => new Date(this.#options.now() + ms).toISOString();
    if (way === 'browser') {
      return {
        kind: 'browser',
        show: ({ url, matchCode }) =>
          show({
            kind: 'browser',
            url,
            matchCode,
            deviceName,
            endsAt: until(browserPatienceMs),
          }),
      };
    }
    return {
      kind: 'device-code',
      show: ({ verificationUri, verificationUriComplete, userCode, fingerprint, expiresIn }) =>
        show({
          kind: 'device-code',
          url: verificationUri,
          urlWithCode: verificationUriComplete,
          userCode,
          fingerprint,
          endsAt: until(expiresIn * 1_000),
        }),
    };
  }

  #tell(signIn: SignIn): void {
    this.#state = signIn;
    this.#options.emit({ event: 'signInChanged', payload: { signIn } });
  }
}

function failureOf(thrown: unknown): SignIn {
  return toAppError(thrown).code === 'CANCELLED'
    ? { kind: 'none' }
    : { kind: 'failed', error: toBridgeError(thrown) };
}
