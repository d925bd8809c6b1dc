import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { Key } from '../ui/marks.tsx';
import { listShortcuts, pageShortcuts } from './list-keys.ts';

export interface ShortcutsDialogProps {
  readonly singleKeys: boolean;
  readonly onSingleKeys: (on: boolean) => void;
  readonly onClose: () => void;
}

const keyNames: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑' };

/** All keys of the screen, and the switch for the ones that are a single character. */
export function ShortcutsDialog({ singleKeys, onSingleKeys, onClose }: ShortcutsDialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="shortcuts-title"
      onClose={onClose}
      className="m-auto w-96 max-w-[calc(100vw-2rem)] rounded-dialog border border-border bg-surface p-4 text-text shadow-float backdrop:bg-[rgb(0_0_0/0.45)]"
    >
      <h2 id="shortcuts-title" className="mb-2 text-16 font-bold">
        Keyboard shortcuts
      </h2>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        {[...listShortcuts, ...pageShortcuts].map(({ action, keys, label }) => (
          <div key={action} className="contents">
            <dt className="flex gap-1">
              {keys.map((key) => (
                <Key key={key}>{keyNames[key] ?? key}</Key>
              ))}
            </dt>
            <dd className="text-text-2">{label}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-3 flex min-h-7 items-center gap-2">
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={({ target }) => onSingleKeys(target.checked)}
          className="size-4 accent-accent-solid"
        />
        Single-character shortcuts
      </label>
      <div className="mt-3 flex justify-end">
        <Button onClick={() => dialog.current?.close()}>Close</Button>
      </div>
    </dialog>
  );
}
