import type { ReactNode } from 'react';
import type { Database } from '../../ipc/schema.ts';

const environments = {
  production: ['PROD', 'bg-bad-bg text-bad'],
  staging: ['STAGING', 'bg-warn-bg text-warn'],
  development: ['DEV', 'bg-sunken text-text-2'],
} as const;

/** The environment as a word; the colour only repeats it. */
export function EnvironmentChip({
  environment,
}: {
  readonly environment: Database['environment'];
}): ReactNode {
  if (environment === null) return null;
  const [text, colours] = environments[environment];
  return (
    <span className={`rounded-chip px-1.5 text-11 leading-4.5 font-bold tracking-wide ${colours}`}>
      {text}
    </span>
  );
}

export type DotState = 'connected' | 'connecting' | 'disconnected' | 'blocked' | 'failed';

/** The state as a shape: filled, half, ring, dashed ring, ring with a bar. Words stand beside it for who cannot see it. */
export function StateDot({ state }: { readonly state: DotState }): ReactNode {
  const colour = {
    connected: 'text-ok',
    connecting: 'text-warn',
    disconnected: 'text-control',
    blocked: 'text-text-3',
    failed: 'text-bad',
  }[state];
  return (
    <svg viewBox="0 0 10 10" aria-hidden="true" className={`size-2.5 flex-none ${colour}`}>
      {state === 'connected' ? <circle cx="5" cy="5" r="4.2" fill="currentColor" /> : null}
      {state === 'connected' ? null : (
        <circle
          cx="5"
          cy="5"
          r="3.7"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
          strokeDasharray={state === 'blocked' ? '2 1.9' : undefined}
        />
      )}
      {state === 'connecting' ? <path d="M5 1.3a3.7 3.7 0 0 1 0 7.4z" fill="currentColor" /> : null}
      {state === 'failed' ? <path d="M2.5 7.5l5-5" stroke="currentColor" strokeWidth="1.4" /> : null}
    </svg>
  );
}

export function Key({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <kbd className="rounded-chip border border-border bg-sunken px-1 font-data text-11 text-text-2">
      {children}
    </kbd>
  );
}
