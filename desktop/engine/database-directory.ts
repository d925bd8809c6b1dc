import type { ApiClient } from '@daam/shared/api/client';
import type { Clock } from '@daam/shared/base/clock';
import { AppError } from '@daam/shared/errors/app-error';
import { databaseCacheSchema, type KnownDatabase } from './account.ts';
import { isOutage } from './credentials.ts';
import type { StateFolder } from './state-folder.ts';

const file = 'databases.json';

/** The databases as last read. `live` is false when the control plane gave no answer and this is what it said before. */
export interface Directory {
  readonly live: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly asOf: number;
  readonly items: readonly KnownDatabase[];
}

export interface DirectoryOptions {
  readonly client: ApiClient;
  readonly state: StateFolder;
  readonly clock: Clock;
}

/** The person's databases from the control plane, or from the last answer when it gives none. */
export async function readDirectory({ client, state, clock }: DirectoryOptions): Promise<Directory> {
  try {
    const { items } = await client.listMyDatabases();
    const known = items.map(
      ({ id, name, environment, state, policies, agent }): KnownDatabase => ({
        id,
        name,
        environment,
        state,
        policies,
        agent,
      }),
    );
    const asOf = clock.now();
    await state.write(file, { asOf, items: known });
    return { live: true, asOf, items: known };
  } catch (thrown) {
    const cached = isOutage(thrown) ? await state.read(file, databaseCacheSchema) : null;
    if (cached === null) throw thrown;
    return { live: false, ...cached };
  }
}

/** The database of that name or id. NOT_FOUND names the ones that there are. */
export function findDatabase(directory: Directory, nameOrId: string): KnownDatabase {
  const found = directory.items.find(({ id, name }) => name === nameOrId || id === nameOrId);
  if (found !== undefined) return found;
  const names = directory.items.slice(0, 20).map(({ name }) => name);
  throw new AppError('NOT_FOUND', {
    message: `There is no database "${nameOrId}" for you.`,
    hint:
      names.length === 0
        ? 'No policy gives you access to any yet.'
        : `You have access to: ${names.join(', ')}.`,
    field: 'database',
  });
}
