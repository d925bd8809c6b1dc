import { clsx } from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Tooltip } from './tooltip.tsx';

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  readonly icon: LucideIcon;
  /** Its name for a screen reader, and its tooltip. */
  readonly label: string;
  readonly pressed?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** The classes of a square button of 28 px with an icon. */
export function iconButtonClass(pressed = false): string {
  return clsx(
    'inline-flex size-7 flex-none items-center justify-center rounded-control text-text-2 transition-colors duration-120 hover:bg-sunken hover:text-text',
    pressed && 'bg-selection text-text',
  );
}

export function IconButton({ icon: Icon, label, pressed, className, ...rest }: IconButtonProps): ReactNode {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        className={clsx(iconButtonClass(pressed), className)}
      >
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
      </button>
    </Tooltip>
  );
}
