import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { statusKey, useStatus } from '../bridge/use-engine-data.ts';
import { settingsKey } from '../bridge/use-settings.ts';
import { keepPlansOf } from '../query/plan/earlier-plans.ts';
import { forgetTabs } from '../query/query-store.ts';
import { useAnnounce } from './announcer.tsx';
import { lockKey } from './use-lock.ts';

/** When somebody else is signed in than before, or nobody, this page forgets what it read and what was written in it. Used once. */
export function useForgetPerson(): void {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const { data } = useStatus();
  const before = useRef<string | null>(null);
  const user = data === undefined ? undefined : (data.account?.userId ?? null);
  useEffect(() => {
    if (user === undefined) return;
    const last = before.current;
    before.current = user;
    if (last === null || last === user) return;
    // In place of what was said last, which may name something.
    announce(user === null ? 'Signed out.' : 'Somebody else is signed in.');
    forgetTabs();
    keepPlansOf(new Set());
    const kept = new Set<unknown>([lockKey[0], statusKey[0], settingsKey[0]]);
    // What is on the screen is read for who is there now.
    void queries.resetQueries({ predicate: ({ queryKey }) => !kept.has(queryKey[0]) });
  }, [user, queries, announce]);
}
