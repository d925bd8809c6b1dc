/**
 * The lock of the app: what a person leaves on an unattended screen. While it is locked the bridge answers only what the lock
 * screen needs, whoever asks, also after a restart; a touch of the same person's passkey opens it. It keeps no one out who can
 * run programs as this person: that is for the system's own lock. Local ports go on working.
 */
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import * as z from 'zod';
import type { BackendMethods } from '../../ipc/backend.ts';
import type { BridgeEvent, Method } from '../../ipc/schema.ts';
import type { StateFolder } from '../state-folder.ts';

const file = 'lock.json';
const schema = z.strictObject({ version: z.literal(1), isLocked: z.boolean() });

/** What the lock screen calls. `startSignIn` is the same person's again, see `SignInService`. */
const methodsOfTheLock: ReadonlySet<Method> = new Set([
  'status',
  'readSettings',
  'readSignIn',
  'startSignIn',
  'cancelSignIn',
  'signOut',
  'lock',
  'readLock',
]);

const eventsOfTheLock: ReadonlySet<BridgeEvent['event']> = new Set([
  'statusChanged',
  'signInChanged',
  'settingsChanged',
  'lockChanged',
]);

export interface LockServiceOptions {
  readonly state: Pick<StateFolder, 'read' | 'write' | 'remove'>;
  readonly emit: (event: BridgeEvent) => void;
  /** Whether somebody is signed in: without a passkey of theirs nothing could be opened again. */
  readonly isSignedIn: () => Promise<boolean>;
  readonly logger: Logger;
}

export class LockService {
  readonly #options: LockServiceOptions;
  #isLocked: boolean | null = null;
  #reading: Promise<boolean> | null = null;

  constructor(options: LockServiceOptions) {
    this.#options = options;
  }

  readonly methods: Pick<BackendMethods, 'lock' | 'readLock'> = {
    lock: async () => {
      if (!(await this.#options.isSignedIn()))
        throw new AppError('UNAUTHENTICATED', {
          message: 'Only who is signed in with a passkey can lock the app: it opens by that.',
        });
      await this.#set(true);
      return {};
    },
    readLock: async () => ({ isLocked: await this.isLocked() }),
  };

  /** As it was left, also by an app that has ended since. A mark that cannot be read is a lock. */
  async isLocked(): Promise<boolean> {
    if (this.#isLocked !== null) return this.#isLocked;
    this.#reading ??= this.#options.state
      .read(file, schema)
      .then((mark) => mark?.isLocked ?? false)
      .catch((thrown: unknown) => {
        this.#options.logger.warn({ code: toAppError(thrown).code }, 'the lock cannot be read: it holds');
        return true;
      });
    const wasLocked = await this.#reading;
    return (this.#isLocked ??= wasLocked);
  }

  /** The passkey was touched, or nobody is signed in any more. */
  async open(): Promise<void> {
    if (await this.isLocked()) await this.#set(false);
  }

  /** Whether an event may be told now. A mark that was not read yet counts as a lock. */
  mayTell({ event }: BridgeEvent): boolean {
    return this.#isLocked === false || eventsOfTheLock.has(event);
  }

  /** The methods behind the lock: while it is closed, all but its own are refused. */
  guard(methods: BackendMethods): BackendMethods {
    const guarded = Object.entries(methods).map(([name, answer]) => {
      if (methodsOfTheLock.has(name as Method)) return [name, answer];
      const call = answer as (params: unknown) => Promise<unknown>;
      return [
        name,
        async (params: unknown) => {
          if (await this.isLocked()) throw locked();
          return await call(params);
        },
      ];
    });
    return Object.fromEntries(guarded) as BackendMethods;
  }

  async #set(isLocked: boolean): Promise<void> {
    if (isLocked) await this.#options.state.write(file, { version: 1, isLocked });
    else await this.#options.state.remove(file);
    this.#isLocked = isLocked;
    this.#options.emit({ event: 'lockChanged', payload: { isLocked } });
  }
}

function locked(): AppError {
  return new AppError('FORBIDDEN', { message: 'The app is locked.', hint: 'Unlock it with your passkey.' });
}
