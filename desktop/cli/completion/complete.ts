import type { Writable } from 'node:stream';
import { databaseCacheSchema } from '../../engine/account.ts';
import { StateFolder } from '../../engine/state-folder.ts';
import { exitCodes } from '../command.ts';
import { processEnvironment, readConfig } from '../config.ts';

/**
 * `daam complete databases`, which the completion scripts call: names of the databases, one a line, as this device last
 * heard of them. It asks nobody, since a person waits for it between two keys, and it fails in silence. Names with
 * control characters are left out, because the shell reads a name a line.
 */
export async function complete([what]: readonly string[], stdout: Writable): Promise<number> {
  if (what !== 'databases') return exitCodes.usage;
  try {
    const { stateDir } = readConfig({ env: processEnvironment() });
    const state = await StateFolder.open(stateDir);
    const known = await state.read('databases.json', databaseCacheSchema);
    const names = (known?.items ?? []).map(({ name }) => name).filter((name) => !/\p{Cc}/u.test(name));
    stdout.write(names.map((name) => `${name}\n`).join(''));
    return exitCodes.done;
  } catch {
    return exitCodes.failed;
  }
}
