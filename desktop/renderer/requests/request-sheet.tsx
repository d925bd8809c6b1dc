import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { FetchedContent } from '../ui/states.tsx';
import { draftAgain } from './request-draft.ts';
import { RequestForm } from './request-form.tsx';
import type { RequestPrefill } from './request-form.tsx';

export interface RequestSheetProps {
  readonly prefill: RequestPrefill | null;
  readonly onClose: () => void;
}

/** A request beside what one was doing. */
export function RequestSheet({ prefill, onClose }: RequestSheetProps): ReactNode {
  const announce = useAnnounce();
  return (
    <Dialog title="Request access" isOpen onClose={onClose} shape="sheet">
      <RequestForm
        prefill={prefill}
        onCancel={onClose}
        onSent={(request) => {
          announce(
            request.state === 'active' || request.state === 'approved'
              ? `Access to ${request.database.name} is open.`
              : `Requested. ${request.approval.required} ${request.approval.required === 1 ? 'approval is' : 'approvals are'} needed.`,
          );
          onClose();
        }}
      />
    </Dialog>
  );
}

/** The same with an address of its own, `/requests/new`; with `again`, the id of a request, begun from that one. */
export function NewRequestScreen(): ReactNode {
  const { again } = useLocation().search as { readonly again?: unknown };
  return typeof again === 'string' && again !== '' ? <AskAgain id={again} /> : <NewRequest />;
}

function AskAgain({ id }: { readonly id: string }): ReactNode {
  const api = useApi();
  const earlier = useQuery({
    queryKey: [apiKey, 'request', id],
    queryFn: () => api.getRequest({ params: { id } }),
  });
  return (
    <FetchedContent query={earlier} what="the earlier request">
      {(request) => <NewRequest key={request.id} earlier={request} />}
    </FetchedContent>
  );
}

function NewRequest({ earlier }: { readonly earlier?: RequestView }): ReactNode {
  const navigate = useNavigate();
  const ended = earlier?.state === 'denied' ? earlier.ended : null;
  return (
    <div className="flex max-w-2xl flex-col gap-3 px-4 py-3 wide:max-w-5xl">
      {ended === null ? null : (
        <Notice severity="information" title={`${ended.by?.email ?? 'The control plane'} denied it`}>
          {ended.note ?? undefined}
        </Notice>
      )}
      <RequestForm
        isWide
        prefill={null}
        {...(earlier === undefined ? {} : { start: draftAgain(earlier) })}
        onCancel={() => void navigate({ to: '/requests' })}
        onSent={({ id }) => void navigate({ to: `/requests/${encodeURIComponent(id)}` })}
      />
    </div>
  );
}
