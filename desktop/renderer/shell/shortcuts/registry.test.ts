import { describe, expect, it } from 'vitest';
import { conflictOf, keysOf, shortcuts } from './registry.ts';
import type { ShortcutId } from './registry.ts';

const ids = Object.keys(shortcuts) as ShortcutId[];

describe.each([
  ['in the app', false],
  ['in a browser', true],
])('the keyboard map %s', (_where, isBrowser) => {
  const place = { isMac: false, isBrowser, choices: {} };

  it('has no combination twice among the commands that are there at the same time', () => {
    const seen = new Map<string, ShortcutId>();
    const twice: string[] = [];
    for (const id of ids) {
      // The grid has the focus for its own keys.
      if (shortcuts[id].scope === 'results') continue;
      for (const keys of keysOf(id, place)) {
        const other = seen.get(keys);
        if (other !== undefined) twice.push(`${keys}: ${other}, ${id}`);
        seen.set(keys, id);
      }
    }
    expect(twice).toEqual([]);
  });

  it('names the command that has a combination already', () => {
    const [taken] = keysOf('palette', place);
    expect(conflictOf('lock', taken ?? '', place)).toBe('palette');
    expect(conflictOf('palette', taken ?? '', place)).toBeNull();
    expect(conflictOf('lock', 'Mod+Alt+Shift+9', place)).toBeNull();
    expect(conflictOf('palette', 'Mod+9', { ...place, choices: { lock: 'Mod+9' } })).toBe('lock');
  });

  it('leaves to a browser what it does not give away', () => {
    const all = ids.flatMap((id) => keysOf(id, place));
    const browsers = isBrowser ? ['Mod+T', 'Mod+W', 'Mod+N', 'Mod+L', 'Mod+Shift+T'] : [];
    expect(browsers.filter((keys) => all.includes(keys))).toEqual([]);
    for (const keys of ['Mod+C', 'Mod+V', 'Mod+X', 'Mod+Z']) {
      const holder = ids.find((id) => keysOf(id, place).includes(keys));
      expect(holder === undefined || shortcuts[holder].scope === 'results').toBe(true);
    }
  });
});
