/**
 * A folder that electron-builder takes for an unpacked Electron: its binary cannot be had in a closed network. The
 * program is a shell script that holds the fuses as the real one does (Electron docs, "Electron Fuses"): sentinel,
 * version 1, their number, and one character each, all at what a release of Electron ships with.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPackage } from '@electron/asar';

const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const shippedFuses = '100110011';

/** Makes it at `folder`. */
export async function makeStandInElectron(folder: string): Promise<void> {
  const source = join(folder, '..', 'default-app');
  for (const each of [source, join(folder, 'resources'), join(folder, 'locales')])
    await mkdir(each, { recursive: true });
  const wire = Buffer.concat([
    Buffer.from('#!/bin/sh\nexit 0\n'),
    Buffer.from(sentinel),
    Buffer.from([1, shippedFuses.length]),
    Buffer.from(shippedFuses),
  ]);
  await writeFile(join(folder, 'electron'), wire, { mode: 0o755 });
  await writeFile(join(source, 'main.js'), '// what Electron shows without an app');
  await createPackage(source, join(folder, 'resources', 'default_app.asar'));
  for (const name of ['version', 'LICENSE', 'LICENSES.chromium.html', join('locales', 'en-US.pak')])
    await writeFile(join(folder, name), name);
}
