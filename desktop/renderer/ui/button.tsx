import { clsx } from 'clsx';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';

const looks = {
  primary: 'border-accent-solid bg-accent-solid font-medium text-on-accent hover:brightness-110',
  secondary: 'border-control bg-surface text-text hover:bg-sunken',
  quiet: 'border-transparent bg-transparent text-text-2 hover:bg-sunken hover:text-text',
  danger: 'border-bad bg-surface text-bad hover:bg-bad-bg',
};

export type ButtonLook = keyof typeof looks;

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: ButtonLook;
  /** It stays focusable and says why: a button that cannot be reached cannot be understood. */
  readonly unavailable?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** The classes of a button, for a part that brings its own element (a menu's trigger, a link). */
export function buttonClass(look: ButtonLook = 'secondary', unavailable = false): string {
  return clsx(
    'inline-flex h-7 flex-none items-center gap-1.5 rounded-control border px-2.5 whitespace-nowrap transition-colors duration-120 ease-out',
    unavailable ? 'border-border bg-sunken text-text-3' : looks[look],
  );
}

export function Button({
  look = 'secondary',
  unavailable = false,
  onClick,
  className,
  ...rest
}: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={unavailable || undefined}
      onClick={unavailable ? undefined : onClick}
      className={clsx(buttonClass(look, unavailable), className)}
    />
  );
}
