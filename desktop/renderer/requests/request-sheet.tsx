import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useAnnounce } from '../shell/announcer.tsx';
import { Dialog } from '../ui/dialog.tsx';
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

/** The same with an address of its own, `/requests/new`. */
export function NewRequestScreen(): ReactNode {
  const navigate = useNavigate();
  return (
    <div className="max-w-2xl px-4 py-3">
      <RequestForm
        prefill={null}
        onCancel={() => void navigate({ to: '/requests' })}
        onSent={({ id }) => void navigate({ to: `/requests/${encodeURIComponent(id)}` })}
      />
    </div>
  );
}
