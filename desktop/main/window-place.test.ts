import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StateFolder } from '../engine/state-folder.ts';
import { readWindowPlace, writeWindowPlace } from './window-place.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const place = { x: 100, y: 50, width: 1280, height: 840 };
let folder: string;
let state: StateFolder;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-window-'));
  state = await StateFolder.open(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the place of the window', () => {
  it('is kept', async () => {
    await writeWindowPlace(state, place);
    expect(await readWindowPlace(state, [screen])).toEqual(place);
  });

  it.each([
    ['its screen is gone', { ...place, x: 2_500 }],
    ['it would be above the screen', { ...place, y: -400 }],
    ['it would be below the screen', { ...place, y: 1_070 }],
    ['only a sliver would be seen', { ...place, x: -1_250 }],
  ])('is forgotten when %s', async (_what, written) => {
    await writeWindowPlace(state, written);
    expect(await readWindowPlace(state, [screen])).toBeNull();
  });

  it.each(['{', '{"x":0}', '{"x":1e99,"y":0,"width":1280,"height":840}', '[]'])(
    'is forgotten when the file holds %s',
    async (text) => {
      await writeFile(join(folder, 'window.json'), text);
      expect(await readWindowPlace(state, [screen])).toBeNull();
    },
  );
});
