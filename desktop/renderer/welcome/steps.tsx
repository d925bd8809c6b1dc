import { clsx } from 'clsx';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';

const steps = [
  ['organization', 'Organization'],
  ['device', 'This device'],
  ['passkey', 'Passkey'],
  ['check', 'Check'],
] as const;
export type StepName = (typeof steps)[number][0];

/** Where one is of the few steps; done ones have a tick, and say so. */
export function Steps({ current }: { readonly current: StepName }): ReactNode {
  const at = steps.findIndex(([name]) => name === current);
  return (
    <ol aria-label="Steps" className="flex flex-wrap gap-x-5 gap-y-1 text-12">
      {steps.map(([name, label], index) => (
        <li
          key={name}
          aria-current={name === current ? 'step' : undefined}
          className={clsx(
            'flex items-center gap-1.5',
            name === current ? 'font-medium text-text' : 'text-text-2',
          )}
        >
          <span
            aria-hidden="true"
            className={clsx(
              'inline-flex size-5 flex-none items-center justify-center rounded-full border text-11',
              name === current ? 'border-accent-solid bg-accent-solid text-on-accent' : 'border-control',
            )}
          >
            {index < at ? <Check size={12} /> : index + 1}
          </span>
          {label}
          {index < at ? <span className="sr-only">, done</span> : null}
        </li>
      ))}
    </ol>
  );
}
