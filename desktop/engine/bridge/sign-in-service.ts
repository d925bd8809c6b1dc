/** Signing in from a screen: the page or the code is shown there, the passkey is touched in the system's browser. */
import { hostname } from 'node:os';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { toBridgeError } from '../../ipc/errors.ts';
import type { BridgeEvent, Params, SignIn } from '../../ipc/schema.ts';
import type { Engine, PasskeyLogin } from '../engine.ts';

/** How long the engine waits for the person in a browser. Milliseconds. */
const browserPatienceMs = 5 * 60_000;

export interface SignInServiceOptions {
  readonly engine: Pick<Engine, 'loginWithPasskey'>;
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
  async start({ controlPlane, way, organization }: Params<'startSignIn'>): Promise<SignIn> {
    await this.cancel();
    const stop = new AbortController();
    this.#stop = stop;
    this.#tell({ kind: 'preparing' });
    const shown = Promise.withResolvers<void>();
    const show = (state: SignIn): void => {
      if (this.#stop === stop) this.#tell(state);
      shown.resolve();
    };
    this.#working = this.#options.engine
      .loginWithPasskey({ controlPlane, way: this.#way(way, show), signal: stop.signal, organization })
      .then(
        () => show({ kind: 'done' }),
        (thrown: unknown) => show(failureOf(thrown)),
      );
    await shown.promise;
    return this.#state;
  }

  async cancel(): Promise<void> {
    const stop = this.#stop;
    this.#stop = null;
    stop?.abort(new AppError('CANCELLED'));
    await this.#working;
    if (this.#state.kind !== 'none') this.#tell({ kind: 'none' });
  }

  #way(way: Params<'startSignIn'>['way'], show: (state: SignIn) => void): PasskeyLogin['way'] {
    const until = (ms: number): string => new Date(this.#options.now() + ms).toISOString();
    if (way === 'browser') {
      return {
        kind: 'browser',
        show: ({ url, matchCode }) =>
          show({
            kind: 'browser',
            url,
            matchCode,
            deviceName: hostname().slice(0, 256),
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
