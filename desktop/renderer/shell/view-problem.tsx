import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { toAppError } from '@daam/shared/errors/app-error';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';

/** A screen failed; the rest of the app goes on. */
export function ViewProblem({ error, reset }: ErrorComponentProps): ReactNode {
  return (
    <div className="px-4 py-3">
      <Notice
        severity="problem"
        title="This screen stopped working"
        actions={<Button onClick={reset}>Reload the screen</Button>}
      >
        Texts of editor tabs are safe. {toAppError(error).message}
      </Notice>
    </div>
  );
}
