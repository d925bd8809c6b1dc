import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Theme = 'light' | 'dark';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\);/g)].map(
    ([, name, light, dark]) => [name, { light, dark }] as const,
  ),
);

/** WCAG 2.2, 1.4.3: relative luminance of an sRGB colour. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(front: string, back: string, theme: Theme): number {
  const [first, second] = [front, back].map((name) => {
    const colour = tokens.get(name)?.[theme];
    if (colour === undefined) throw new Error(`there is no token ${name}`);
    return luminance(colour) + 0.05;
  }) as [number, number];
  return Math.max(first, second) / Math.min(first, second);
}

const grounds = ['app', 'surface', 'sunken'];
const textPairs = [
  ...['text', 'text-2', 'text-3'].flatMap((front) => grounds.map((back) => [front, back] as const)),
  ...['ok', 'warn', 'bad', 'mask'].map((name) => [name, `${name}-bg`] as const),
  ...['warn-bg', 'bad-bg', 'ok-bg', 'selection'].map((back) => ['text-2', back] as const),
  ['accent', 'surface'],
  ['number', 'surface'],
  ['text-2', 'mask-bg'],
  ['mask', 'selection'],
  ['warn', 'warn-bg'],
  ['on-accent', 'accent-solid'],
  ['text', 'selection'],
] as const;
const shapePairs = [
  ...['app', 'surface'].map((back) => ['control', back] as const),
  ...[...grounds, 'selection', 'bad-bg'].map((back) => ['accent', back] as const),
  ...['ok', 'warn', 'bad', 'text-3'].flatMap((front) =>
    ['app', 'surface'].map((back) => [front, back] as const),
  ),
];

describe.each<Theme>(['light', 'dark'])('the %s theme', (theme) => {
  it.each(textPairs)('has text %s on %s of at least 4.5 to 1', (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapePairs)('has %s as an edge, mark or focus ring on %s of at least 3 to 1', (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(3);
  });
});
