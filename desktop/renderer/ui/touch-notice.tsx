import type { ReactNode } from 'react';
import { Button, buttonClass } from './button.tsx';
import { Notice } from './notice.tsx';

/** The way to the control plane's page on which a passkey signs what was prepared here, while it waits there. */
export function TouchNotice({
  to,
  url,
  onCancel,
}: {
  /** What the touch does, as in "publish". */
  readonly to: string;
  readonly url: string;
  readonly onCancel: () => void;
}): ReactNode {
  return (
    <Notice
      severity="information"
      title={`Touch your passkey to ${to}`}
      actions={
        <>
          <a href={url} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
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
