import type { ReactNode } from 'react';
import { Notice } from '../ui/notice.tsx';

/** Shown instead of the app when the page was not opened by its own link, or the app has started anew since. */
export function NoToken(): ReactNode {
  return (
    <main className="mx-auto max-w-xl p-6">
      <h1 className="mb-3 text-20 font-bold">DAAM</h1>
      <Notice severity="warning" title="Open this page by its link">
        This address is only served to the person who started the app. Open the whole link that the app
        printed; it ends in #token= and changes each time that the app starts.
      </Notice>
    </main>
  );
}
