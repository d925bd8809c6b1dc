/** A link to the editor may name a database or a saved query; it opens a tab, and runs nothing. */
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useLayoutEffect } from 'react';
import { useBridge } from '../bridge/bridge-context.ts';
import { openTab } from './query-store.ts';

/**
 * Opens what the address asks for, before anything is painted: what is typed at once must not be written over the text of
 * another tab. True while it is still being read.
 */
export function useTabFromAddress(isReady: boolean, onOpened: () => void): boolean {
  const bridge = useBridge();
  const navigate = useNavigate();
  const { search } = useLocation();
  const { db, saved } = search as { db?: string; saved?: string };
  const isAsked = db !== undefined || saved !== undefined;
  useLayoutEffect(() => {
    if (!isReady || !isAsked) return;
    void navigate({ to: '/query', search: {}, replace: true });
    if (saved === undefined) {
      openTab({ database: db ?? null });
      onOpened();
      return;
    }
    void bridge
      .call('listSavedQueries', {})
      .then((all) => {
        const found = all.find(({ id }) => id === saved);
        if (found !== undefined)
          openTab({
            title: found.name,
            sql: found.sql,
            savedQuery: found.id,
            database: db ?? found.database,
          });
      })
      .catch(() => {})
      .finally(onOpened);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- each address opens one tab
  }, [bridge, navigate, isReady, db, saved]);
  return saved !== undefined;
}
