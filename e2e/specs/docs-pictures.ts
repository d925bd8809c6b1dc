/** The few pictures of the README: what they show, and how that comes about. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { settle } from '../pages/accessibility.ts';
import { type Screen, screens } from '../pages/screens.ts';
import { type ScreensWorld, startScreens } from './screens-world.ts';

export const docsPictures = 'docs/pictures';

export interface Picture {
  readonly file: string;
  readonly theme: 'light' | 'dark';
  readonly show: (world: ScreensWorld) => Promise<void>;
}

export const pictures: readonly Picture[] = [
  { file: 'databases.png', theme: 'light', show: connected },
  { file: 'query.png', theme: 'dark', show: query },
  { file: 'policies.png', theme: 'light', show: policies },
  { file: 'inbox.png', theme: 'light', show: onScreen(({ hash }) => hash.startsWith('#/admin/inbox/')) },
  { file: 'replay.png', theme: 'dark', show: onScreen(({ route }) => route === '/admin/sessions/$id') },
];

/** Takes them all into a folder. */
export async function takePictures(
  folder: string,
  { browser, assetsDir }: { readonly browser: Browser; readonly assetsDir: string },
): Promise<void> {
  for (const { file, theme, show } of pictures) {
    const viewport = { width: 1_200, height: 700 };
    await using world = await startScreens({ browser, assetsDir, context: { viewport, colorScheme: theme } });
    await show(world);
    // What was announced is shown for some seconds.
    await world.app.page.locator('output.fixed > span').waitFor({ state: 'detached' });
    await settle(world.app.page);
    await world.app.page.screenshot({ path: join(folder, file) });
  }
}

function onScreen(isIt: (screen: Screen) => boolean): Picture['show'] {
  return async (world) => {
    const screen = screens.find(isIt);
    if (screen === undefined) throw new Error('no such screen');
    await world.show(screen);
  };
}

async function connected({ app }: ScreensWorld): Promise<void> {
  await app.button('Connect orders').click();
  await app.button('Disconnect orders').waitFor();
}

async function query(world: ScreensWorld): Promise<void> {
  const { app } = world;
  await connected(world);
  await app.openEditor();
  await app.run(
    'select id, name, email, phone, region, created_at\nfrom customers\norder by created_at desc',
  );
  await app.grid.getByRole('columnheader', { name: /^email,/ }).click();
}

async function policies(world: ScreensWorld): Promise<void> {
  await onScreen(({ route }) => route === '/admin/policies/$database')(world);
  await world.app.page.getByText('public.customers', { exact: true }).first().click();
  await world.app.page.getByRole('region', { name: /customers/ }).waitFor();
}
