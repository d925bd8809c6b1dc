import { toAppError } from '@daam/shared/errors/app-error';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/** Said while something is read for the first time; known data is never replaced by it. */
export function Loading({ what }: { readonly what: string }): ReactNode {
  return (
    <output className="block px-4 py-3 text-text-2 in-data-inset:px-0 in-data-inset:py-1">
      Reading {what}…
    </output>
  );
}

export interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** There is nothing, why, and what can be done about it. */
export function Empty({ title, children, actions }: EmptyProps): ReactNode {
  return (
    <div className="flex max-w-xl min-w-0 flex-col items-start gap-2 px-4 py-6 in-data-inset:px-0 in-data-inset:py-3">
      <p className="text-16 font-medium">{title}</p>
      {children === undefined ? null : <div className="text-text-2">{children}</div>}
      {actions === undefined ? null : <div className="flex max-w-full flex-wrap gap-2 pt-1">{actions}</div>}
    </div>
  );
}

/** A failure in the words of its AppError, with its code and what can be done. */
export function Problem({
  error,
  onRetry,
  actions,
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly actions?: ReactNode;
}): ReactNode {
  const { code, message, hint } = toAppError(error);
  return (
    <Notice
      severity="problem"
      title={message}
      code={code}
      actions={
        <>
          {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
          {actions}
        </>
      }
    >
      {hint}
    </Notice>
  );
}

/** What a query of the server's or the engine's data is now. */
export interface Fetched<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly isError: boolean;
  readonly refetch: () => unknown;
}

/** Reading, the problem, or the content. With data at hand, a failure stands above it instead of replacing it. */
export function FetchedContent<Data>({
  query,
  what,
  children,
}: {
  readonly query: Fetched<Data>;
  readonly what: string;
  readonly children: (data: Data) => ReactNode;
}): ReactNode {
  return (
    <>
      {query.isError ? (
        <div className="px-4 py-3 in-data-inset:px-0 in-data-inset:py-1">
          <Problem error={query.error} onRetry={() => void query.refetch()} />
        </div>
      ) : null}
      {query.data === undefined ? query.isError ? null : <Loading what={what} /> : children(query.data)}
    </>
  );
}
