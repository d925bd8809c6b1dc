/**
 * `node scripts/build-icons.ts`: draws the app's icons and the tray's glyphs from vectors with the system's Chromium,
 * into assets/. Run it when a drawing changes; what it makes is in the repository, so that no build needs a browser.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../e2e/pages/browser.ts';
import { icnsFile, icoFile, type Picture } from './icon-files.ts';
import { root } from './step.ts';

const assets = join(root, 'assets');
const iconEdges = [16, 24, 32, 48, 64, 128, 256, 512, 1024];

/** They differ in shape, not only in colour: a ring, a dot, a disc, a disc with a notch. `#000` becomes the ink. */
const glyphs: Readonly<Record<string, string>> = {
  'signed-out': '<circle cx="8" cy="8" r="5" fill="none" stroke="#000" stroke-width="2"/>',
  ready:
    '<circle cx="8" cy="8" r="5.4" fill="none" stroke="#000" stroke-width="1.2"/><circle cx="8" cy="8" r="2.4" fill="#000"/>',
  connected: '<circle cx="8" cy="8" r="6" fill="#000"/>',
  attention:
    '<path fill="#000" d="M8 2a6 6 0 1 0 6 6h-2.6A3.4 3.4 0 0 1 8 4.6z"/><circle cx="12.4" cy="3.6" r="2.4" fill="#000"/>',
};
/** Template pictures of macOS are black with transparency. */
const inks = { light: '#171C24', dark: '#E7EBF1', Template: '#000000' } as const;

async function draw(browser: Browser, svg: string, edge: number): Promise<Picture> {
  const page = await browser.newPage({ viewport: { width: edge, height: edge } });
  try {
    const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
    await page.setContent(
      `<style>*{margin:0}img{display:block;width:${edge}px;height:${edge}px}</style><img src="${source}">`,
    );
    await page.locator('img').evaluate('image => image.decode()');
    return { edge, png: await page.screenshot({ omitBackground: true }) };
  } finally {
    await page.close();
  }
}

async function drawIcons(browser: Browser): Promise<void> {
  const svg = await readFile(join(assets, 'icon.svg'), 'utf8');
  const pictures: Picture[] = [];
  for (const edge of iconEdges) pictures.push(await draw(browser, svg, edge));
  await mkdir(join(assets, 'icons'), { recursive: true });
  for (const { edge, png } of pictures) await writeFile(join(assets, 'icons', `${edge}x${edge}.png`), png);
  await writeFile(join(assets, 'icon.ico'), icoFile(pictures.filter(({ edge }) => edge <= 256)));
  await writeFile(join(assets, 'icon.icns'), icnsFile(pictures));
}

async function drawGlyphs(browser: Browser): Promise<void> {
  await mkdir(join(assets, 'tray'), { recursive: true });
  for (const [name, shape] of Object.entries(glyphs)) {
    for (const [ink, color] of Object.entries(inks)) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shape.replaceAll('#000', color)}</svg>`;
      for (const [suffix, edge] of [
        ['', 16],
        ['@2x', 32],
      ] as const)
        await writeFile(
          join(assets, 'tray', `${name}-${ink}${suffix}.png`),
          (await draw(browser, svg, edge)).png,
        );
    }
  }
}

const browser = await launchBrowser();
try {
  await drawIcons(browser);
  await drawGlyphs(browser);
} finally {
  await browser.close();
}
