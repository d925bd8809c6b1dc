import { Popover as Base } from '@base-ui/react/popover';
import { clsx } from 'clsx';
import type { ReactElement, ReactNode, RefObject } from 'react';

type Side = 'top' | 'bottom' | 'left' | 'right';

export interface PopoverProps {
  readonly title: string;
  readonly isTitleHidden?: boolean;
  /** The button that opens it. */
  readonly trigger?: ReactElement;
  /** Instead of a button: shown beside this element, opened by `isOpen`. */
  readonly anchor?: RefObject<Element | null> | (() => Element | null);
  readonly isOpen?: boolean;
  readonly onOpenChange?: (isOpen: boolean) => void;
  /** Where the focus goes when it closes, when not to the trigger. */
  readonly returnFocus?: () => HTMLElement | null;
  readonly side?: Side;
  readonly align?: 'start' | 'center' | 'end';
  readonly className?: string;
  readonly children: ReactNode;
}

/** A small dialog that does not block the page: Escape and a click outside close it, the focus goes back. */
export function Popover(props: PopoverProps): ReactNode {
  const {
    title,
    trigger,
    anchor,
    isOpen,
    onOpenChange,
    returnFocus,
    side = 'bottom',
    align = 'start',
  } = props;
  const state = isOpen === undefined ? {} : { open: isOpen };
  return (
    <Base.Root {...state} onOpenChange={(open) => onOpenChange?.(open)}>
      {trigger === undefined ? null : <Base.Trigger render={trigger} />}
      <Base.Portal>
        <Base.Positioner
          {...(anchor === undefined ? {} : { anchor })}
          side={side}
          align={align}
          sideOffset={6}
          className="z-50"
        >
          <Base.Popup
            {...(returnFocus === undefined ? {} : { finalFocus: () => returnFocus() ?? true })}
            className={clsx(
              'max-h-[80dvh] max-w-[calc(100vw-1rem)] overflow-y-auto rounded-panel border border-border bg-surface p-3 text-text shadow-float outline-none',
              props.className ?? 'w-88',
            )}
          >
            <Base.Title className={props.isTitleHidden === true ? 'sr-only' : 'mb-1.5 font-bold'}>
              {title}
            </Base.Title>
            {props.children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
