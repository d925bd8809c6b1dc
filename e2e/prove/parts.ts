/** Every part of the proof, in the order in which they run. */
import { attackClasses } from './attack-classes.ts';
import { canaries } from './canaries.ts';
import type { Part } from './part.ts';
import { regression } from './regression.ts';
import { twoWorlds } from './two-worlds.ts';

export const parts: readonly Part[] = [twoWorlds, canaries, attackClasses, regression];
