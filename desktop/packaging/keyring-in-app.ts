/** In place of `@napi-rs/keyring` in the built app (bundle.ts). */
import { join } from 'node:path';
import { loadPackedKeyring } from '../main/packed-keyring.ts';

/** Loaded at first use, as the engine imports the package then. The bundle lies in `main/`. */
export const { AsyncEntry } = loadPackedKeyring({
  appDir: join(import.meta.dirname, '..'),
  platform: process.platform,
  arch: process.arch,
});
