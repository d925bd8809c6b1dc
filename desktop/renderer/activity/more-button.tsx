import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import type { Pages } from './use-pages.ts';

/** Reads the next page of a list; nothing where it is at its end. */
export function MoreButton({
  pages: { hasMore, isReading, more },
}: {
  readonly pages: Pick<Pages<unknown>, 'hasMore' | 'isReading' | 'more'>;
}): ReactNode {
  if (!hasMore) return null;
  return (
    <div className="px-4 py-3">
      <Button unavailable={isReading} onClick={more}>
        {isReading ? 'Reading…' : 'Show earlier ones'}
      </Button>
    </div>
  );
}
