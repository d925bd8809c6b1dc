import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';

/** Milliseconds that a message stays on screen. It never is the only copy of an error. */
const shownFor = 6_000;

const AnnounceContext = createContext<(message: string) => void>(() => {});

/** Says a change politely, to the eye and to a screen reader. */
export function useAnnounce(): (message: string) => void {
  return useContext(AnnounceContext);
}

export function Announcer({ children }: { readonly children: ReactNode }): ReactNode {
  const [spoken, setSpoken] = useState({ message: '', count: 0 });
  const announce = useCallback((message: string) => {
    setSpoken(({ count }) => ({ message, count: count + 1 }));
  }, []);

  useEffect(() => {
    if (spoken.message === '') return undefined;
    const timer = setTimeout(() => setSpoken(({ count }) => ({ message: '', count })), shownFor);
    return () => clearTimeout(timer);
  }, [spoken]);

  return (
    <AnnounceContext value={announce}>
      {children}
      <output className="pointer-events-none fixed inset-x-3 bottom-16 z-60 flex justify-center">
        {spoken.message === '' ? null : (
          <span
            key={spoken.count}
            className="max-w-xl rounded-panel border border-border bg-surface px-3 py-2 text-text shadow-float"
          >
            {spoken.message}
          </span>
        )}
      </output>
    </AnnounceContext>
  );
}
