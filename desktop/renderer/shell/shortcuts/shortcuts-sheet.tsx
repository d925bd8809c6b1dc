import type { ReactNode } from 'react';
import { useChangeSettings, useSettings } from '../../bridge/use-settings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Key } from '../../ui/marks.tsx';
import { Switch } from '../../ui/checkbox.tsx';
import { listShortcuts, pageShortcuts } from '../../databases/list-keys.ts';
import { combinationWords } from './combination.ts';
import { keysOf, scopeTitles, shortcuts } from './registry.ts';
import type { ShortcutId, ShortcutScope } from './registry.ts';
import { isMac, useKeyboard } from './use-shortcuts.ts';

/** All keys of the app, and the switch for the ones that are a single character. */
export function ShortcutsSheet({ onClose }: { readonly onClose: () => void }): ReactNode {
  const keyboard = useKeyboard();
  const { keyboard: choices } = useSettings();
  const change = useChangeSettings();
  const ids = Object.keys(shortcuts) as ShortcutId[];
  const scopes = Object.keys(scopeTitles) as ShortcutScope[];
  const lists = [...listShortcuts, ...pageShortcuts];
  return (
    <Dialog title="Keyboard shortcuts" isOpen onClose={onClose} shape="sheet" className="w-104">
      <Switch
        label="Single-character shortcuts"
        hint="Turn them off when they get in the way of speech input."
        checked={choices.singleKeys}
        onChange={(singleKeys) => void change({ keyboard: { ...choices, singleKeys } })}
      />
      {scopes.map((scope) => {
        const rows =
          scope === 'lists'
            ? lists.map(({ action, label, keys }) => ({ id: action as string, label, keys }))
            : ids
                .filter((id) => shortcuts[id].scope === scope)
                .map((id) => ({ id, label: shortcuts[id].label, keys: keysOf(id, keyboard) }));
        return (
          <section key={scope}>
            <h3 className="mt-4 mb-1 font-bold">{scopeTitles[scope]}</h3>
            <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1">
              {rows.map(({ id, label, keys }) => (
                <div key={id} className="contents">
                  <dt className="text-text-2">{label}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <Key key={key}>{combinationWords(key, isMac)}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </Dialog>
  );
}
