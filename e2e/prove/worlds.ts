/** Two servers that differ in masked values alone, each behind a real agent. */
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';

/** Both worlds of one major. */
export interface Worlds extends AsyncDisposable {
  readonly seed: number;
}

export interface WorldsOptions {
  readonly major: PostgresMajor;
  readonly seed: number;
  /** Where agents keep their files. */
  readonly folder: string;
}

export async function startWorlds({ seed }: WorldsOptions): Promise<Worlds> {
  return { seed, [Symbol.asyncDispose]: async () => {} };
}
