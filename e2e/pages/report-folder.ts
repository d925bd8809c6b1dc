import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where specs leave what a person may want to look at after a run; git ignores it. */
const root = join(import.meta.dirname, '..', 'dist');

/** Makes a folder of the run's report. */
export async function reportFolder(name: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  return folder;
}
