import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { Check, Minus } from 'lucide-react';
import type { ReactNode } from 'react';

export interface CheckboxProps {
  readonly label: ReactNode;
  readonly isLabelHidden?: boolean;
  readonly checked: boolean;
  readonly indeterminate?: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** A choice that takes effect with the form around it. */
export function Checkbox(props: CheckboxProps): ReactNode {
  const { label, isLabelHidden = false, checked, indeterminate = false, disabled, onChange } = props;
  return (
    // A label that is hidden stands where its box stands: else it widens what scrolls around both.
    <label className="relative flex min-h-7 items-center gap-2">
      <BaseCheckbox.Root
        checked={checked}
        indeterminate={indeterminate}
        disabled={disabled ?? false}
        onCheckedChange={onChange}
        className="inline-flex size-4 flex-none items-center justify-center rounded-chip border border-control bg-surface data-checked:border-accent-solid data-checked:bg-accent-solid data-disabled:bg-sunken data-indeterminate:border-accent-solid data-indeterminate:bg-accent-solid"
      >
        <BaseCheckbox.Indicator className="text-on-accent">
          {indeterminate ? (
            <Minus size={12} strokeWidth={3} aria-hidden="true" />
          ) : (
            <Check size={12} strokeWidth={3} aria-hidden="true" />
          )}
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      <span className={isLabelHidden ? 'sr-only' : ''}>{label}</span>
    </label>
  );
}

export interface SwitchProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** A setting that takes effect at once. */
export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps): ReactNode {
  return (
    <label className="flex min-h-7 items-start justify-between gap-4 py-1">
      <span className="min-w-0">
        <span className="block">{label}</span>
        {hint === undefined ? null : <span className="block text-12 text-text-2">{hint}</span>}
      </span>
      <BaseSwitch.Root
        checked={checked}
        disabled={disabled ?? false}
        onCheckedChange={onChange}
        className="relative inline-flex h-5 w-9 flex-none rounded-full border border-control bg-sunken transition-colors duration-120 data-checked:border-accent-solid data-checked:bg-accent-solid"
      >
        <BaseSwitch.Thumb className="absolute top-0.5 left-0.5 size-3.5 rounded-full bg-control transition-transform duration-120 data-checked:translate-x-4 data-checked:bg-on-accent" />
      </BaseSwitch.Root>
    </label>
  );
}
