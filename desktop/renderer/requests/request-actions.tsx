import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey, useStatus } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Problem } from '../ui/states.tsx';
import { span } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';
import { ExtendDialog } from './extend-dialog.tsx';

export interface RequestActionsProps {
  readonly request: RequestView;
  /** A row of a list: no way to where one is already, and no room for more. */
  readonly isInList?: boolean;
}

/** What its requester can do with a request now. */
export function RequestActions({ request, isInList = false }: RequestActionsProps): ReactNode {
  const navigate = useNavigate();
  const userId = useStatus().data?.account?.userId ?? null;
  const [asking, setAsking] = useState<'end' | 'extend' | null>(null);
  const end = useEnd(request);
  const now = useNow();
  if (request.requester.id !== userId) return null;
  const { state, window, database } = request;
  const isOpen = ['pending', 'approved', 'active'].includes(state);
  const isActive = state === 'active' && window !== null;
  return (
    <div className={isInList ? 'flex flex-wrap gap-2' : 'flex flex-wrap items-center gap-2 px-4 py-1'}>
      {isActive && !isInList ? (
        <Button
          look="primary"
          onClick={() => void navigate({ to: `/databases/${encodeURIComponent(database.name)}` })}
        >
          Open {database.name}
        </Button>
      ) : null}
      {isActive && !request.emergency ? (
        <Button onClick={() => setAsking('extend')}>
          Extend{isInList ? <Of name={database.name} /> : null}
        </Button>
      ) : null}
      {isOpen ? (
        <Button look="danger" onClick={() => (state === 'pending' ? void end.run() : setAsking('end'))}>
          {state === 'pending' ? 'Withdraw' : 'End early'}
          {isInList ? <Of name={database.name} /> : null}
        </Button>
      ) : null}
      {state === 'denied' || state === 'expired' ? (
        <Button onClick={() => void navigate({ to: '/requests/new', search: { again: request.id } })}>
          Ask again with…
        </Button>
      ) : null}
      {end.failure === null ? null : <Problem error={end.failure} />}
      <Confirm
        title={`End access to ${database.name}?`}
        confirmLabel="End access"
        isDanger
        isOpen={asking === 'end'}
        onClose={() => setAsking(null)}
        onConfirm={() => {
          setAsking(null);
          void end.run();
        }}
      >
        {window === null ? '' : `It would go on for ${span(now, Date.parse(window.endsAt))}. `}
        What it gives ends at once, in open sessions too.
      </Confirm>
      {isActive && asking === 'extend' ? (
        <ExtendDialog request={request} onClose={() => setAsking(null)} />
      ) : null}
    </div>
  );
}

/** Of which database, for those who do not see the row. */
function Of({ name }: { readonly name: string }): ReactNode {
  return <span className="sr-only"> {name}</span>;
}

function useEnd(request: RequestView): {
  readonly run: () => Promise<void>;
  readonly failure: AppError | null;
} {
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [failure, setFailure] = useState<AppError | null>(null);
  const run = async (): Promise<void> => {
    setFailure(null);
    try {
      await api.revokeRequest({ params: { id: request.id }, body: {} });
      announce(request.state === 'pending' ? 'Withdrawn.' : 'Ended.');
      await queries.invalidateQueries({ queryKey: [apiKey] });
    } catch (thrown) {
      setFailure(toAppError(thrown));
    }
  };
  return { run, failure };
}
