import { toAppError } from '@daam/shared/errors/app-error';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Database, Status } from '../../ipc/schema.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';

export interface ListStateProps {
  readonly databases: UseQueryResult<Database[]>;
  readonly status: Status | undefined;
  readonly clearFilters: ReactNode;
}

/** What stands where the list would: it is being read, cannot be read, is empty, or is filtered to nothing. */
export function ListState({ databases, status, clearFilters }: ListStateProps): ReactNode {
  return <div className="max-w-2xl px-4 py-3">{message({ databases, status, clearFilters })}</div>;
}

function message({ databases, status, clearFilters }: ListStateProps): ReactNode {
  if (databases.isError) {
    const { message, hint, code } = toAppError(databases.error);
    const retry = <Button onClick={() => void databases.refetch()}>Try again</Button>;
    return (
      <Notice severity="problem" title={message} code={code} actions={retry}>
        {hint ?? 'The list of databases could not be read.'}
      </Notice>
    );
  }
  if (databases.data === undefined) {
    return <output className="block text-text-2">Reading the databases…</output>;
  }
  if (databases.data.length > 0) {
    return (
      <Notice severity="information" title="No database matches the filter" actions={clearFilters}>
        {databases.data.length} databases are hidden by it.
      </Notice>
    );
  }
  if (status !== undefined && status.account === null) {
    return (
      <Notice
        severity="information"
        title="You are not signed in on this device"
        actions={
          <a href="#/welcome" className={buttonClass('primary')}>
            Sign in
          </a>
        }
      >
        Or run <code className="font-data">daam login</code> in a terminal; this page then goes on by itself.
      </Notice>
    );
  }
  return (
    <Notice severity="information" title="No database is granted to you yet">
      An administrator gives access by assigning a policy to you
      {status === undefined || status.account === null ? '' : ` (${status.account.email})`} or to one of your
      groups. It then shows here by itself.
    </Notice>
  );
}
