/**
 * Whose everything is that the engine keeps. Before a method answers, it is looked whether the same person is signed in as
 * before, whichever process signed them in or out; else all of the one before is forgotten first. Nobody signed in reads
 * nothing but what signing in needs.
 */
import { AppError } from '@daam/shared/errors/app-error';
import * as z from 'zod';
import type { BackendMethods } from '../../ipc/backend.ts';
import type { Method } from '../../ipc/schema.ts';
import type { StateFolder } from '../state-folder.ts';

const file = 'owner.json';
const schema = z.strictObject({ version: z.literal(1), user: z.string().max(256).nullable() });

/** They read nothing that is kept of a person, and work also when the one before cannot be forgotten. */
const ofSigningIn: ReadonlySet<Method> = new Set([
  'status',
  'checkControlPlane',
  'describeDevice',
  'startSignIn',
  'cancelSignIn',
  'readSignIn',
  'lock',
  'readLock',
  'signOut',
  'clearClipboard',
]);

/** What the frame around the sign-in shows: empty lists, the looks of this device, its checks and logs, what its ports ask for. */
const ofNobody: ReadonlySet<Method> = new Set([
  'listDatabases',
  'listNotifications',
  'countWaiting',
  'readSettings',
  'changeSettings',
  'runChecks',
  'checkPort',
  'readLocalTerms',
  'describeLogs',
  'openLogs',
]);

export interface OwnershipOptions {
  readonly state: Pick<StateFolder, 'read' | 'write' | 'stamp'>;
  /** Id of who is signed in; null: nobody. */
  readonly user: () => Promise<string | null>;
  /** Forgets all that is kept of the person before. */
  readonly forgetPerson: () => Promise<void>;
}

export class Ownership {
  readonly #options: OwnershipOptions;
  #known: { readonly stamp: string | null; readonly user: string | null } | null = null;
  #settling: Promise<string | null> | null = null;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** Of whom everything is, as last settled; null: of nobody. */
  get user(): string | null {
    return this.#known?.user ?? null;
  }

  /** Id of who is signed in now, to whom alone belongs what is kept by then. Rejects when that cannot be brought about. */
  async settle(): Promise<string | null> {
    while (this.#settling !== null) await this.#settling;
    const stamp = await this.#options.state.stamp('account.json');
    if (this.#settling === null && this.#known !== null && this.#known.stamp === stamp)
      return this.#known.user;
    this.#settling ??= this.#settle(stamp).finally(() => (this.#settling = null));
    return await this.#settling;
  }

  /** The methods for who is signed in; for nobody, the few that nobody may call. UNAUTHENTICATED for the rest. */
  guard(methods: BackendMethods): BackendMethods {
    const guarded = Object.entries(methods).map(([name, answer]) => {
      if (ofSigningIn.has(name as Method)) return [name, answer];
      const call = answer as (params: unknown) => Promise<unknown>;
      const isOfNobody = ofNobody.has(name as Method);
      return [
        name,
        async (params: unknown) => {
          if ((await this.settle()) === null && !isOfNobody) throw new AppError('UNAUTHENTICATED');
          return await call(params);
        },
      ];
    });
    return Object.fromEntries(guarded) as BackendMethods;
  }

  async #settle(stamp: string | null): Promise<string | null> {
    const { state, user: userNow, forgetPerson } = this.#options;
    const user = await userNow();
    // Of the first look, what a process before left behind counts. Nothing known is another person.
    const before = this.#known === null ? await state.read(file, schema) : { user: this.#known.user };
    if (before?.user !== user) {
      this.#known = null;
      await forgetPerson();
      // Last: what was not forgotten to the end is begun again.
      await state.write(file, { version: 1, user });
    }
    this.#known = { stamp, user };
    return user;
  }
}
