import type { ReactNode } from 'react';
import { TouchNotice } from '../ui/touch-notice.tsx';
import type { WaitingTouch } from './use-decision.ts';

/** Decisions that wait for the touch that signs them. */
export function DecisionTouch({
  waiting: { decision, count, url },
  onCancel,
}: {
  readonly waiting: WaitingTouch;
  readonly onCancel: () => void;
}): ReactNode {
  return (
    <TouchNotice to={count === 1 ? decision : `${decision} all ${count}`} url={url} onCancel={onCancel} />
  );
}
