import type { AppError } from '@daam/shared/errors/app-error';
import { useId } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';

export interface RowProblemProps {
  readonly name: string;
  readonly problem: AppError;
  readonly port: number | null;
  readonly onRetry: (port?: number) => void;
  readonly onDismiss: (() => void) | null;
}

/** Why the last action on this database failed and what can be done; below its row, until it is solved or dismissed. */
export function RowProblem({ name, problem, port, onRetry, onDismiss }: RowProblemProps): ReactNode {
  const isPortTaken = problem.code === 'PORT_IN_USE';
  return (
    <Notice
      severity={problem.code === 'PASSKEY_WAITING' ? 'information' : 'problem'}
      title={`${name}: ${problem.message}`}
      code={problem.code}
      actions={
        <>
          {isPortTaken ? (
            <OtherPort taken={port} onChosen={onRetry} />
          ) : (
            <Button onClick={() => onRetry()}>Try again</Button>
          )}
          {onDismiss === null ? null : (
            <Button look="quiet" onClick={onDismiss}>
              Dismiss
            </Button>
          )}
        </>
      }
    >
      {problem.hint}
    </Notice>
  );
}

function OtherPort({
  taken,
  onChosen,
}: {
  readonly taken: number | null;
  readonly onChosen: (port: number) => void;
}): ReactNode {
  const inputId = useId();
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    onChosen(Number(new FormData(event.currentTarget).get('port')));
  }
  return (
    <form onSubmit={submit} className="flex items-center gap-2">
      <label htmlFor={inputId}>Port</label>
      <input
        id={inputId}
        name="port"
        type="number"
        required
        min={1024}
        max={65_535}
        defaultValue={taken === null ? undefined : taken + 1}
        className="h-7 w-20 rounded-control border border-control bg-surface px-2 text-text"
      />
      <Button type="submit">Connect here</Button>
    </form>
  );
}
