/** `npm run pack -- [--dir] [--electron-dist FOLDER] [--updates-url URL]`: builds and packs the app for this system. */
import { parseArgs } from 'node:util';
import { packApp } from './pack.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'boolean' },
    out: { type: 'string' },
    sidecars: { type: 'string' },
    'electron-dist': { type: 'string' },
    'updates-url': { type: 'string' },
  },
});

const made = await packApp({
  isFolderOnly: values.dir === true,
  ...(values.out === undefined ? {} : { outDir: values.out }),
  ...(values.sidecars === undefined ? {} : { sidecars: values.sidecars }),
  ...(values['electron-dist'] === undefined ? {} : { electronDist: values['electron-dist'] }),
  ...(values['updates-url'] === undefined ? {} : { updatesUrl: values['updates-url'] }),
});
for (const path of made) process.stdout.write(`${path}\n`);
