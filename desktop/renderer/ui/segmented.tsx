import { clsx } from 'clsx';
import { useId } from 'react';
import type { ReactNode } from 'react';

export interface SegmentedProps<Value extends string> {
  readonly label: string;
  /** For a setting among others; elsewhere the options say what they are about. */
  readonly isLabelShown?: boolean;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
}

/** One of two to five, all of them shown: a group of radio buttons that looks like one control. */
export function Segmented<Value extends string>(props: SegmentedProps<Value>): ReactNode {
  const { label, isLabelShown = false, value, options, onChange } = props;
  const name = useId();
  return (
    <fieldset className="max-w-full min-w-0 flex-none">
      <legend className={isLabelShown ? 'mb-1 font-medium' : 'sr-only'}>{label}</legend>
      <div className="inline-flex max-w-full flex-wrap rounded-control border border-control bg-surface p-0.5">
        {options.map((option) => (
          <label
            key={option.value}
            className={clsx(
              'inline-flex min-h-6 items-center rounded-chip px-2 whitespace-nowrap has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
              option.value === value ? 'bg-selection font-medium text-text' : 'text-text-2 hover:text-text',
            )}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="sr-only"
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
