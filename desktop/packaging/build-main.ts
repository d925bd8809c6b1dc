/** Builds the app into desktop/dist/app, for Electron in development: `electron desktop/dist/app`. */
import { join } from 'node:path';
import { buildApp } from './build-app.ts';

const root = join(import.meta.dirname, '..', '..');
await buildApp({
  appDir: join(root, 'desktop', 'dist', 'app'),
  sidecars: join(root, 'shared', 'wireguard', 'dist'),
});
