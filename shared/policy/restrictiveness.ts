import { type EffectiveMask, type MaskPreset, maskPresets, type RuleOrigin } from './effective-policy.ts';

/**
 * Which of several masks on one column holds. The most restrictive preset wins; where presets cannot be
 * compared by rank (two `partial`s), what both show is shown; a raw match needs every mask's consent.
 */

/** The parts of a mask that say what it reveals. */
export interface MaskRule {
  readonly preset: MaskPreset;
  readonly prefix?: number;
  readonly suffix?: number;
  readonly as?: 'text';
  readonly match?: 'none' | 'equality';
}

const ranks = new Map(maskPresets.map((preset, rank) => [preset, rank]));

/** 0 is the strongest (`null`). */
export function presetRank(preset: MaskPreset): number {
  return ranks.get(preset) ?? 0;
}

/** Presets of identifiers: `=` on text columns is allowed unless the policy says otherwise. */
const identifierPresets: ReadonlySet<MaskPreset> = new Set(['email', 'phone', 'name', 'pseudonym']);

/**
 * Orders masks, the more restrictive first: negative when `a` is. Total and stable: equal (0) only when
 * both reveal the same. By preset, then fewer shown characters, then typed NULL before `as: text`, then
 * no match before match.
 */
export function compareMasks(a: MaskRule, b: MaskRule): number {
  return (
    presetRank(a.preset) - presetRank(b.preset) ||
    shown(a) - shown(b) ||
    (a.prefix ?? 0) - (b.prefix ?? 0) ||
    (a.as === 'text' ? 1 : 0) - (b.as === 'text' ? 1 : 0) ||
    matchRank(a) - matchRank(b)
  );
}

/** Whether the mask alone lets `=` see the raw value of a column of that kind (enforcement.md 1). */
export function mayMatch(mask: MaskRule, column: { readonly isText: boolean }): boolean {
  if (mask.match !== undefined) return mask.match === 'equality';
  return column.isText && identifierPresets.has(mask.preset);
}

/** Whether `a` alone already hides all that `b` hides, so that `b` beside it changes nothing. */
export function isAtLeastAsRestrictive(a: MaskRule, b: MaskRule): boolean {
  if (matchRank(a) > matchRank(b)) return false;
  const byRank = presetRank(a.preset) - presetRank(b.preset);
  if (byRank !== 0) return byRank < 0;
  if (a.as === 'text' && b.as !== 'text') return false;
  return (a.prefix ?? 0) <= (b.prefix ?? 0) && (a.suffix ?? 0) <= (b.suffix ?? 0);
}

/** The one mask that several on the same column come to. */
export interface CombinedMask {
  readonly preset: MaskPreset;
  readonly prefix: number;
  readonly suffix: number;
  readonly as: 'text' | null;
  readonly matchEquality: boolean;
  /** Where the winning preset came from. */
  readonly origin: RuleOrigin;
}

/** Combines every mask whose pattern matches one column; null when there is none. The order given does not matter. */
export function combineMasks(
  masks: readonly EffectiveMask[],
  column: { readonly isText: boolean },
): CombinedMask | null {
  const sorted = masks.toSorted((a, b) => compareMasks(a, b) || compareOrigins(a.origin, b.origin));
  const first = sorted[0];
  if (first === undefined) return null;
  const equals = sorted.filter((mask) => mask.preset === first.preset);
  return {
    preset: first.preset,
    prefix: Math.min(...equals.map((mask) => mask.prefix ?? 0)),
    suffix: Math.min(...equals.map((mask) => mask.suffix ?? 0)),
    as: first.as ?? null,
    matchEquality: masks.every((mask) => mayMatch(mask, column)),
    origin: first.origin,
  };
}

/** By policy name, then version; for results that do not depend on the order of their parts. */
export function compareOrigins(a: RuleOrigin, b: RuleOrigin): number {
  if (a.policy !== b.policy) return a.policy < b.policy ? -1 : 1;
  return a.version - b.version;
}

function shown(mask: MaskRule): number {
  return (mask.prefix ?? 0) + (mask.suffix ?? 0);
}

/** 0 never, 1 on text columns only, 2 always. */
function matchRank(mask: MaskRule): number {
  if (mask.match !== undefined) return mask.match === 'none' ? 0 : 2;
  return identifierPresets.has(mask.preset) ? 1 : 0;
}
