import { Dialog as Base } from '@base-ui/react/dialog';
import { clsx } from 'clsx';
import { X } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { Button } from './button.tsx';
import { iconButtonClass } from './icon-button.tsx';

export interface DialogProps {
  readonly title: string;
  readonly isTitleHidden?: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** `sheet` stands at the right edge over the whole height. */
  readonly shape?: 'dialog' | 'sheet';
  readonly className?: string;
  /** What gets the focus first, when not the first control. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  /** Stays at the bottom while the content scrolls. */
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

const shapes = {
  dialog:
    'top-[12dvh] left-1/2 max-h-[76dvh] w-128 -translate-x-1/2 rounded-dialog border max-narrow:top-4 max-narrow:max-h-[calc(100dvh-2rem)]',
  sheet:
    'inset-y-0 right-0 w-136 border-l transition-transform duration-180 ease-out data-ending-style:translate-x-full data-starting-style:translate-x-full',
};

/** A modal dialog or side sheet: the focus stays inside, Escape closes, the focus returns to what opened it. */
export function Dialog(props: DialogProps): ReactNode {
  const { title, isTitleHidden = false, isOpen, onClose, shape = 'dialog', footer } = props;
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.4)]" />
        <Base.Popup
          {...(props.initialFocus === undefined ? {} : { initialFocus: props.initialFocus })}
          className={clsx(
            'fixed z-40 flex max-w-[calc(100vw-1rem)] flex-col border-border bg-surface text-text shadow-float outline-none',
            shapes[shape],
            props.className,
          )}
        >
          <div className={clsx('flex items-center gap-2 px-4 pt-3 pb-2', isTitleHidden && 'sr-only')}>
            <Base.Title className="min-w-0 flex-1 text-16 font-bold">{title}</Base.Title>
            <Base.Close aria-label="Close" className={iconButtonClass()}>
              <X size={16} aria-hidden="true" />
            </Base.Close>
          </div>
          <div className={clsx('min-h-0 flex-1 overflow-y-auto', isTitleHidden ? '' : 'px-4 pb-4')}>
            {props.children}
          </div>
          {footer === undefined ? null : (
            <div className="flex flex-wrap items-center justify-end gap-2 border-t border-border px-4 py-3">
              {footer}
            </div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export interface ConfirmProps {
  readonly title: string;
  readonly confirmLabel: string;
  readonly isOpen: boolean;
  readonly isDanger?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A question before something that cannot be undone; the button says what happens. */
export function Confirm(props: ConfirmProps): ReactNode {
  const { title, confirmLabel, isOpen, isDanger = false, onConfirm, onClose, children } = props;
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      className="w-104"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={isDanger ? 'danger' : 'primary'} onClick={onConfirm}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      <div className="text-text-2">{children}</div>
    </Dialog>
  );
}
