import type { ReactNode } from 'react';
import { Button, buttonClass } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import type { WaitingTouch } from './use-decision.ts';

/** The way to the page on which a passkey signs what was decided here. */
export function TouchNotice({
  waiting,
  onCancel,
}: {
  readonly waiting: WaitingTouch;
  readonly onCancel: () => void;
}): ReactNode {
  const verb = waiting.decision === 'approve' ? 'approve' : 'deny';
  return (
    <Notice
      severity="information"
      title={
        waiting.count === 1
          ? `Touch your passkey to ${verb}`
          : `Touch your passkey to ${verb} all ${waiting.count}`
      }
      actions={
        <>
          <a href={waiting.url} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
            Continue in the browser
          </a>
          <Button onClick={onCancel}>Cancel</Button>
        </>
      }
    >
      The page shows what you are about to sign. This screen goes on by itself.
    </Notice>
  );
}
