import { AppError } from '@daam/shared/errors/app-error';
import type { Result } from '../../ipc/schema.ts';

const maxInWindow = 12;
/** Milliseconds. */
const windowMs = 60_000;

export interface ControlPlaneCheckOptions {
  readonly reach: (controlPlane: string) => Promise<Result<'checkControlPlane'>>;
  /** Address of the control plane that somebody is signed in to; null: nobody is. */
  readonly signedInTo: () => Promise<string | null>;
  readonly now: () => number;
}

/** Looks at an address for who signs in there: a few times a minute, and nowhere else while somebody is signed in. */
export class ControlPlaneCheck {
  readonly #options: ControlPlaneCheckOptions;
  #asked: number[] = [];

  constructor(options: ControlPlaneCheckOptions) {
    this.#options = options;
  }

  async check(controlPlane: string): Promise<Result<'checkControlPlane'>> {
    const { reach, signedInTo, now } = this.#options;
    const known = await signedInTo();
    if (known !== null && new URL(known).origin !== new URL(controlPlane).origin) {
      throw new AppError('CONFLICT', {
        message: 'This app is signed in to another organization’s address.',
        hint: 'Sign out first.',
      });
    }
    const at = now();
    this.#asked = this.#asked.filter((before) => at - before < windowMs);
    if (this.#asked.length >= maxInWindow) throw new AppError('RATE_LIMITED');
    this.#asked.push(at);
    return await reach(controlPlane);
  }
}
