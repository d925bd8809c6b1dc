import type { PolicyDraftView } from '@daam/shared/api/policies';
import type { ApiClient } from '@daam/shared/api/client';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useApi } from '../../bridge/use-api.ts';
import { useRead } from '../use-console.ts';
import { DraftSaver, type DraftView } from './draft-saver.ts';

export type PolicyState = Awaited<ReturnType<ApiClient['getPolicies']>>;
export type ReportedSchema = Awaited<ReturnType<ApiClient['getSchema']>>;

/** What is in force, with the caller's own draft. Read once for an editor: afterwards the editor knows better. */
export interface PolicyStart {
  readonly state: PolicyState;
  readonly draft: PolicyDraftView | null;
}

/** `me` null: somebody who only looks has no draft. */
export function usePolicyStart(database: string, me: string | null): UseQueryResult<PolicyStart> {
  const api = useApi();
  return useQuery({
    // Not under the API's own key: saving a draft makes everything else stale, this must not start over.
    queryKey: ['console-policies', database],
    queryFn: async () => {
      const params = { database };
      const [state, drafts] = await Promise.all([
        api.getPolicies({ params }),
        me === null ? { items: [] } : api.listPolicyDrafts({ params }),
      ]);
      const hasDraft = drafts.items.some(({ author }) => author.id === me);
      return { state, draft: hasDraft ? await api.getPolicyDraft({ params }) : null };
    },
    gcTime: 0,
  });
}

/** The draft of an editor. */
export function useDraft(database: string, { state, draft }: PolicyStart): readonly [DraftSaver, DraftView] {
  const api = useApi();
  const [saver] = useState(
    () =>
      new DraftSaver({
        start: { document: state.document as PolicyDocument, text: state.text, draft },
        pauseMs: 500,
        save: async (change, edition) =>
          await api.putPolicyDraft({
            params: { database },
            body: {
              edition,
              ...(change.kind === 'text' ? { text: change.text } : { document: { ...change.document } }),
            },
          }),
      }),
  );
  useEffect(() => () => saver.dispose(), [saver]);
  return [saver, useSyncExternalStore(saver.subscribe, saver.view)];
}

export function useSchema(database: string): UseQueryResult<ReportedSchema> {
  return useRead(['schema', database], async (api) => await api.getSchema({ params: { database } }));
}

export function useSuggestions(
  database: string,
): UseQueryResult<Awaited<ReturnType<ApiClient['listMaskSuggestions']>>> {
  return useRead(
    ['suggestions', database],
    async (api) => await api.listMaskSuggestions({ params: { database } }),
  );
}
