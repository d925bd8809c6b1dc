import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useChangeSettings, useSettings } from '../bridge/use-settings.ts';
import { combinationOf, combinationWords } from '../shell/shortcuts/combination.ts';
import { conflictOf, keysOf, scopeTitles, shortcuts } from '../shell/shortcuts/registry.ts';
import type { Shortcut, ShortcutId } from '../shell/shortcuts/registry.ts';
import { isMac, useKeyboard } from '../shell/shortcuts/use-shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Switch } from '../ui/checkbox.tsx';
import { Key } from '../ui/marks.tsx';
import { Section } from '../ui/page.tsx';
import { TextField } from '../ui/text-field.tsx';

/** Every command with its keys: search, record others, put them back. What collides is named and refused. */
export function ShortcutsSection(): ReactNode {
  const keyboard = useKeyboard();
  const { keyboard: choices } = useSettings();
  const change = useChangeSettings();
  const [text, setText] = useState('');
  const [recorded, setRecorded] = useState<ShortcutId | null>(null);
  const [conflict, setConflict] = useState<string | null>(null);
  const wanted = text.trim().toLowerCase();
  const ids = (Object.keys(shortcuts) as ShortcutId[]).filter((id) =>
    `${shortcuts[id].label} ${scopeTitles[shortcuts[id].scope]}`.toLowerCase().includes(wanted),
  );

  function record(event: KeyboardEvent, id: ShortcutId): void {
    if (recorded !== id || event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') return stop();
    const keys = combinationOf(event, isMac);
    if (keys === null) return;
    const other = conflictOf(id, keys, keyboard);
    if (other !== null) {
      setConflict(`${combinationWords(keys, isMac)} is taken by “${shortcuts[other].label}”.`);
      return;
    }
    void change({ keyboard: { ...choices, shortcuts: { ...choices.shortcuts, [id]: keys } } });
    stop();
  }

  function stop(): void {
    setRecorded(null);
    setConflict(null);
  }

  function reset(id: ShortcutId): void {
    const { [id]: _, ...rest } = choices.shortcuts;
    void change({ keyboard: { ...choices, shortcuts: rest } });
  }

  return (
    <Section title="Shortcuts">
      <Switch
        label="Single-character shortcuts"
        hint="Turn them off when they get in the way of speech input."
        checked={choices.singleKeys}
        onChange={(singleKeys) => void change({ keyboard: { ...choices, singleKeys } })}
      />
      <TextField
        label="Search commands"
        isLabelHidden
        type="search"
        placeholder="Search commands"
        className="my-2"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <ul aria-label="Commands">
        {ids.map((id) => {
          const entry: Shortcut = shortcuts[id];
          return (
            <li key={id} className="flex min-h-9 flex-wrap items-center gap-2 border-b border-border py-1">
              <span className="min-w-0 flex-1">
                {entry.label} <span className="text-12 text-text-3">{scopeTitles[entry.scope]}</span>
              </span>
              {recorded === id
                ? null
                : keysOf(id, keyboard).map((keys) => <Key key={keys}>{combinationWords(keys, isMac)}</Key>)}
              {entry.isFixed === true ? null : (
                <>
                  <Button
                    aria-label={`Record keys for ${entry.label}`}
                    onClick={() => {
                      setRecorded(id);
                      setConflict(null);
                    }}
                    onKeyDown={(event) => record(event, id)}
                    onBlur={stop}
                  >
                    {recorded === id ? 'Press the keys…' : 'Record'}
                  </Button>
                  {choices.shortcuts[id] === undefined ? null : (
                    <Button look="quiet" aria-label={`Put back ${entry.label}`} onClick={() => reset(id)}>
                      Put back
                    </Button>
                  )}
                </>
              )}
              {recorded === id && conflict !== null ? (
                <p role="alert" className="w-full text-12 text-bad">
                  {conflict}
                </p>
              ) : null}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
