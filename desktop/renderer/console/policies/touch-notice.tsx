import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { PublicationState } from './use-publication.ts';

/** Leads to the page on which the passkey signs what is published, while it waits there. */
export function TouchNotice({ publication }: { readonly publication: PublicationState }): ReactNode {
  const { waiting, stopWaiting } = publication;
  if (waiting === null) return null;
  return (
    <Notice
      severity="information"
      title="Touch your passkey to publish"
      actions={
        <>
          <a href={waiting.url} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
            Continue in the browser
          </a>
          <Button onClick={stopWaiting}>Cancel</Button>
        </>
      }
    >
      The page shows what you are about to sign. This screen goes on by itself.
    </Notice>
  );
}
