import type { ReactNode } from 'react';
import { TouchNotice } from '../../ui/touch-notice.tsx';
import type { PublicationState } from './use-publication.ts';

/** A publication that waits for the touch that signs it. */
export function PublicationTouch({ publication }: { readonly publication: PublicationState }): ReactNode {
  const { waiting, stopWaiting } = publication;
  return waiting === null ? null : <TouchNotice to="publish" url={waiting.url} onCancel={stopWaiting} />;
}
