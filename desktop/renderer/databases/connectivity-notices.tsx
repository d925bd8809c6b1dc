import type { ReactNode } from 'react';
import type { Status } from '../../ipc/schema.ts';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { Notice } from '../ui/notice.tsx';
import { clockTime } from '../ui/clock-time.ts';

/** What stands between the person and fresh data: the engine does not answer, or works without the control plane. */
export function ConnectivityNotices({ status }: { readonly status: Status | undefined }): ReactNode {
  const bridge = useBridgeState();
  if (bridge.kind === 'lost') {
    return (
      <Place>
        <Notice severity="problem" title="The app's engine does not answer">
          Trying again. What is below was true when it was last heard; open connections may have ended.
        </Notice>
      </Place>
    );
  }
  if (status?.controlPlane.kind !== 'offline') return null;
  const asOf = status.databasesAsOf === null ? '' : ` The list is as of ${clockTime(status.databasesAsOf)}.`;
  return (
    <Place>
      <Notice severity="warning" title="Working offline">
        The control plane cannot be reached.{asOf} Open connections go on working.
      </Notice>
    </Place>
  );
}

function Place({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="px-4 py-3">{children}</div>;
}
