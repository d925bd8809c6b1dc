import { describe, expect, it } from 'vitest';
import { combinationOf, combinationWords } from './combination.ts';
import { conflictOf, keysOf, shortcuts } from './registry.ts';
import type { ShortcutId } from './registry.ts';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

describe('a pressed key', () => {
  it('is written with Mod for the key of the system', () => {
    expect(combinationOf({ ...none, key: 'k', metaKey: true }, true)).toBe('Mod+K');
    expect(combinationOf({ ...none, key: 'K', ctrlKey: true, shiftKey: true }, false)).toBe('Mod+Shift+K');
    expect(combinationOf({ ...none, key: 'k', ctrlKey: true }, true)).toBe('Ctrl+K');
  });

  it('keeps Ctrl for Tab and the backquote, which no system gives to Mod', () => {
    expect(combinationOf({ ...none, key: 'Tab', ctrlKey: true }, false)).toBe('Ctrl+Tab');
    expect(combinationOf({ ...none, key: '`', ctrlKey: true }, true)).toBe('Ctrl+`');
  });

  it('has no Shift in a sign that is typed with it, and is nothing while only a modifier is down', () => {
    expect(combinationOf({ ...none, key: '?', shiftKey: true }, false)).toBe('?');
    expect(combinationOf({ ...none, key: 'Shift', shiftKey: true }, false)).toBeNull();
  });

  it('is shown as its system writes it', () => {
    expect(combinationWords('Mod+Shift+K', true)).toBe('⌘⇧K');
    expect(combinationWords('Mod+Enter', false)).toBe('Ctrl+Enter');
    expect(combinationWords('G D', false)).toBe('G D');
  });
});

describe('the keyboard map', () => {
  const all = Object.keys(shortcuts) as ShortcutId[];

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('gives no combination to two commands (macOS %s, browser %s)', (isMac, isBrowser) => {
    const place = { isMac, isBrowser, choices: {} };
    const conflicts = all.flatMap((id) =>
      keysOf(id, place).flatMap((keys) => {
        const other = conflictOf(id, keys, place);
        return other === null ? [] : [`${id} and ${other} have ${keys}`];
      }),
    );
    expect(conflicts).toEqual([]);
  });

  it('follows a choice, and names what a choice would collide with', () => {
    const place = { isMac: false, isBrowser: false, choices: { run: 'F5' } };
    expect(keysOf('run', place)).toEqual(['F5']);
    expect(conflictOf('explain', 'F5', place)).toBe('run');
  });

  it('leaves ⌘T, ⌘W and ⌘1 to a browser', () => {
    const place = { isMac: true, isBrowser: true, choices: {} };
    const taken = all.flatMap((id) => keysOf(id, place));
    expect(taken).not.toContain('Mod+T');
    expect(taken).not.toContain('Mod+W');
    expect(taken).not.toContain('Mod+1');
  });
});
