import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';

const looks = {
  primary: 'border-accent-solid bg-accent-solid font-medium text-on-accent hover:brightness-110',
  secondary: 'border-control bg-surface text-text hover:bg-sunken',
  quiet: 'border-transparent bg-transparent text-text-2 hover:bg-sunken hover:text-text',
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof looks;
  /** It stays focusable and says why: a button that cannot be reached cannot be understood. */
  readonly unavailable?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  look = 'secondary',
  unavailable = false,
  onClick,
  ...rest
}: ButtonProps): ReactNode {
  const state = unavailable ? 'border-border bg-sunken text-text-3' : looks[look];
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={unavailable || undefined}
      onClick={unavailable ? undefined : onClick}
      className={`inline-flex h-7 items-center gap-1.5 rounded-control border px-2.5 whitespace-nowrap transition-colors duration-120 ease-out ${state}`}
    />
  );
}
