import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The system's Chromium, or null; specs never download one. */
export function findBrowser(): string | null {
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Starts the system's Chromium without a window. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error(`install Chromium: none of ${candidates.join(', ')} is there`);
  // The sandbox needs a user other than root, which containers seldom have.
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
}
