/** `npm run pictures`: takes the README's pictures anew, from the screens as they are now. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import { launchBrowser } from '../pages/browser.ts';
import { docsPictures, takePictures } from './docs-pictures.ts';

const folder = join(import.meta.dirname, '..', '..', docsPictures);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const assetsDir = await ensureRendererBuilt({ logger: silentLogger });
const browser = await launchBrowser();
try {
  await takePictures(folder, { browser, assetsDir });
} finally {
  await browser.close();
}
