/** Every part of the proof, in the order in which they run. */
import { attackClasses } from './attack-classes.ts';
import { canaries } from './canaries.ts';
import { clientsPart } from './clients.ts';
import { conversations } from './conversations.ts';
import { killMatrix } from './kill-matrix.ts';
import { manySessions } from './many-sessions.ts';
import { mutation } from './mutation.ts';
import type { Part } from './part.ts';
import { regression } from './regression.ts';
import { twoWorlds } from './two-worlds.ts';

export const parts: readonly Part[] = [
  twoWorlds,
  canaries,
  attackClasses,
  regression,
  clientsPart,
  conversations,
  killMatrix,
  manySessions,
  mutation,
];
