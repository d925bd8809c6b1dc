import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, Ref } from 'react';
import type { LocalAddress } from '../../ipc/schema.ts';
import { Button } from '../ui/button.tsx';
import { Key } from '../ui/marks.tsx';
import { formatsFor } from './connection-formats.ts';
import type { ConnectionFormat } from './connection-formats.ts';

export interface CopyMenuProps {
  readonly name: string;
  readonly local: LocalAddress;
  readonly defaultFormat: ConnectionFormat;
  readonly onCopy: (format: ConnectionFormat) => void;
  readonly buttonRef: Ref<HTMLButtonElement>;
}

/** A menu button (ARIA authoring practices): each item shows the very text that it copies. */
export function CopyMenu({ name, local, defaultFormat, onCopy, buttonRef }: CopyMenuProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const menuId = useId();
  const place = useRef<HTMLDivElement>(null);

  function close(): void {
    setOpen(false);
    place.current?.querySelector('button')?.focus();
  }

  useEffect(() => {
    if (!isOpen) return undefined;
    const menu = place.current?.querySelector('[role=menu]');
    menu?.scrollIntoView({ block: 'nearest' });
    menu?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const closeFromOutside = (event: Event): void => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', closeFromOutside);
    return () => document.removeEventListener('pointerdown', closeFromOutside);
  }, [isOpen, place]);

  function onKeyDown(event: KeyboardEvent): void {
    // The list's own keys must not act under an open menu.
    event.stopPropagation();
    if (event.key === 'Tab') return setOpen(false);
    if (event.key === 'Escape') return close();
    if (moveFocus(event)) event.preventDefault();
  }

  return (
    <div ref={place} className="relative">
      <Button
        ref={buttonRef}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? menuId : undefined}
        aria-label={`Copy connection for ${name}`}
        onClick={() => setOpen(!isOpen)}
      >
        Copy <span aria-hidden="true">▾</span>
      </Button>
      {isOpen ? (
        <div
          id={menuId}
          role="menu"
          tabIndex={-1}
          aria-label={`Copy connection for ${name}`}
          onKeyDown={onKeyDown}
          className="absolute top-8 right-0 z-30 max-h-96 w-136 max-w-[calc(100vw-2rem)] overflow-y-auto rounded-panel border border-border bg-surface p-1 shadow-float max-narrow:right-auto max-narrow:left-0"
        >
          {formatsFor(local, false).map((format) => (
            <button
              key={format.id}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                onCopy(format);
                close();
              }}
              className="block w-full rounded-control px-2 py-1 text-left hover:bg-sunken focus:bg-selection focus-visible:outline-offset-[-2px]"
            >
              <span className="flex justify-between">
                {format.label}
                {format === defaultFormat ? <Key>C</Key> : null}
              </span>
              <span className="block font-data break-all whitespace-pre-wrap text-11 text-text-2">
                {format.write(local, null)}
              </span>
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** Arrow keys, Home and End move between the items of the menu, round its ends. */
function moveFocus(event: KeyboardEvent): boolean {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const current = items.findIndex((item) => item === document.activeElement);
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1 + items.length,
    Home: 0,
    End: items.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined) return false;
  items[target % items.length]?.focus();
  return true;
}
