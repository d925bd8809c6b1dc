import * as z from 'zod';
import type { StateFolder } from '../engine/state-folder.ts';

const file = 'window.json';
const edge = z.int().min(-100_000).max(100_000);
const placeSchema = z.strictObject({
  x: edge,
  y: edge,
  width: z.int().min(200).max(20_000),
  height: z.int().min(200).max(20_000),
});

/** Where a window is, in the screen's own units. */
export type WindowPlace = z.infer<typeof placeSchema>;

/** How much of the window's upper edge has to be on a screen, so that a person can take hold of it. */
const grip = 80;

/** The place of last time; null when there is none, or no screen is there any more. */
export async function readWindowPlace(
  state: StateFolder,
  screens: readonly WindowPlace[],
): Promise<WindowPlace | null> {
  const place = await state.read(file, placeSchema);
  return place !== null && screens.some((screen) => isOn(place, screen)) ? place : null;
}

/** Keeps the place for next time. */
export async function writeWindowPlace(state: StateFolder, place: WindowPlace): Promise<void> {
  const parsed = placeSchema.safeParse(place);
  if (parsed.success) await state.write(file, parsed.data);
}

function isOn(place: WindowPlace, screen: WindowPlace): boolean {
  const left = Math.max(place.x, screen.x);
  const right = Math.min(place.x + place.width, screen.x + screen.width);
  return right - left >= grip && place.y >= screen.y && place.y <= screen.y + screen.height - grip;
}
