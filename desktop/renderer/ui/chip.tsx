import { clsx } from 'clsx';
import type { ReactNode } from 'react';

const tones = {
  neutral: 'bg-sunken text-text-2',
  ok: 'bg-ok-bg text-ok',
  warn: 'bg-warn-bg text-warn',
  bad: 'bg-bad-bg text-bad',
  /** For what is masked, and for nothing else. */
  mask: 'bg-mask-bg text-mask',
};

export type Tone = keyof typeof tones;

/** The classes of a chip, for one that is a button. */
export function chipClass(tone: Tone = 'neutral'): string {
  return clsx(
    'inline-flex min-h-4.5 max-w-full flex-none items-center gap-1 rounded-full px-2 text-11 leading-4.5 font-medium whitespace-nowrap',
    tones[tone],
  );
}

/** A state in a word or two; the colour only repeats it. */
export function Chip({ tone, children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode {
  return <span className={chipClass(tone)}>{children}</span>;
}

/** A number beside a name in the navigation. */
export function Count({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className="rounded-full bg-sunken px-1.5 text-11 leading-4.5 text-text-2">{children}</span>;
}
