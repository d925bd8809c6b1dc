import { Menu as Base } from '@base-ui/react/menu';
import { clsx } from 'clsx';
import { Check } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { Key } from './marks.tsx';

export interface MenuItem {
  readonly kind?: 'item';
  readonly id: string;
  readonly label: string;
  /** Small text below the label. */
  readonly detail?: string;
  readonly isDetailData?: boolean;
  readonly keys?: string;
  readonly checked?: boolean;
  readonly isDanger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
}

export type MenuEntry = MenuItem | { readonly kind: 'separator'; readonly id: string };

export interface MenuProps {
  /** The button that opens it; its own text or aria-label names the menu. */
  readonly trigger: ReactElement;
  readonly items: readonly MenuEntry[];
  readonly align?: 'start' | 'end';
  readonly className?: string;
}

/** A button with a menu: arrow keys, type-ahead, Escape; the focus returns to the button. */
export function Menu({ trigger, items, align = 'start', className }: MenuProps): ReactNode {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className="z-50">
          <Base.Popup
            className={clsx(
              'max-h-[min(32rem,80dvh)] min-w-44 overflow-y-auto rounded-panel border border-border bg-surface p-1 shadow-float outline-none',
              className,
            )}
          >
            <Entries items={items} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export interface AnchoredMenuProps {
  readonly label: string;
  readonly items: readonly MenuEntry[];
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What it stands beside; it gets the focus back. */
  readonly anchor: () => HTMLElement | null;
}

/** A menu of something that is no button: a cell, a row, a tab. Opened by its key or the context menu. */
export function AnchoredMenu({ label, items, isOpen, onClose, anchor }: AnchoredMenuProps): ReactNode {
  return (
    <Base.Root
      modal={false}
      open={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Base.Portal>
        <Base.Positioner anchor={anchor} sideOffset={2} align="start" className="z-50">
          <Base.Popup
            aria-label={label}
            finalFocus={() => anchor() ?? true}
            className="min-w-48 rounded-panel border border-border bg-surface p-1 shadow-float outline-none"
          >
            <Entries items={items} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entries({ items }: { readonly items: readonly MenuEntry[] }): ReactNode {
  return items.map((item) =>
    item.kind === 'separator' ? (
      <Base.Separator key={item.id} className="my-1 h-px bg-border" />
    ) : (
      <Item key={item.id} item={item} />
    ),
  );
}

function Item({ item }: { readonly item: MenuItem }): ReactNode {
  return (
    <Base.Item
      disabled={item.disabled ?? false}
      onClick={item.onSelect}
      label={item.label}
      className={clsx(
        'flex min-h-7 items-start gap-2 rounded-control px-2 py-1 outline-none data-disabled:text-text-3 data-highlighted:bg-selection',
        item.isDanger === true && 'text-bad',
      )}
    >
      {item.checked === undefined ? null : (
        <span className="mt-1 w-4">{item.checked ? <Check size={14} aria-label="Chosen" /> : null}</span>
      )}
      <span className="min-w-0 flex-1">
        <span className="block">{item.label}</span>
        {item.detail === undefined ? null : (
          <span
            className={clsx('block text-11 break-all text-text-2', item.isDetailData === true && 'font-data')}
          >
            {item.detail}
          </span>
        )}
      </span>
      {item.keys === undefined ? null : <Key>{item.keys}</Key>}
    </Base.Item>
  );
}
