import type { ApiClient } from '@daam/shared/api/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useApi } from '../../bridge/use-api.ts';
import { apiKey } from '../../bridge/use-engine-data.ts';
import type { ExportFilter } from './export-button.tsx';

export type AuditClass = 'statements' | 'connections' | 'activity';

type Statement = Awaited<ReturnType<ApiClient['listStatements']>>['items'][number];
type Connection = Awaited<ReturnType<ApiClient['listConnections']>>['items'][number];
type Activity = Awaited<ReturnType<ApiClient['listActivity']>>['items'][number];

export type AuditRecord =
  | { readonly of: 'statements'; readonly record: Statement }
  | { readonly of: 'connections'; readonly record: Connection }
  | { readonly of: 'activity'; readonly record: Activity };

interface Page {
  readonly items: readonly AuditRecord[];
  readonly next: string | null;
}
export type AuditPages = UseInfiniteQueryResult<InfiniteData<Page>>;

export interface AuditAsked {
  readonly asked: ExportFilter;
  readonly rule: string | undefined;
  /** A class of statements, a kind of connection record, or an action. */
  readonly what: string | undefined;
  readonly isReady: boolean;
}

const statementClasses = ['read', 'write', 'schema', 'session', 'other', 'alarm'] as const;
const pageSize = 200;

/** Records, newest first, page by page. */
export function useAuditPages(kind: AuditClass, { asked, rule, what, isReady }: AuditAsked): AuditPages {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [apiKey, 'audit', kind, asked, rule, what],
    enabled: isReady,
    initialPageParam: '',
    getNextPageParam: (last: Page) => last.next,
    queryFn: async ({ pageParam }): Promise<Page> => {
      const page = { limit: pageSize, ...(pageParam === '' ? {} : { after: pageParam }) };
      const { user, database, session, from, until, table, decision, text } = asked;
      const span = { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
      if (kind === 'activity') {
        const { items, next } = await api.listActivity({
          query: {
            ...page,
            ...span,
            ...(user === undefined ? {} : { actor: user }),
            ...(what === undefined ? {} : { action: what }),
          },
        });
        return { items: items.map((record) => ({ of: 'activity', record })), next };
      }
      const whose = {
        ...(user === undefined ? {} : { user }),
        ...(database === undefined ? {} : { database }),
        ...(session === undefined ? {} : { session }),
      };
      if (kind === 'connections') {
        const { items, next } = await api.listConnections({
          query: { ...page, ...span, ...whose, ...(what === undefined ? {} : { kind: what }) },
        });
        return { items: items.map((record) => ({ of: 'connections', record })), next };
      }
      const ofClass = statementClasses.find((one) => one === what);
      const { items, next } = await api.listStatements({
        query: {
          ...page,
          ...span,
          ...whose,
          ...(ofClass === undefined ? {} : { class: ofClass }),
          ...(table === undefined ? {} : { table }),
          ...(decision === undefined ? {} : { decision }),
          ...(text === undefined ? {} : { text }),
          ...(rule === undefined ? {} : { rule }),
        },
      });
      return { items: items.map((record) => ({ of: 'statements', record })), next };
    },
  });
}

/** What the same person did next to a record, in the same class; null: nothing. */
export async function neighbourOf(
  api: ApiClient,
  one: AuditRecord,
  way: 'before' | 'after',
): Promise<AuditRecord | null> {
  const { at, seq } = one.record;
  // Records of the same millisecond are on both sides of it.
  const span =
    way === 'before'
      ? { until: new Date(Date.parse(at) + 1).toISOString() }
      : { from: at, order: 'oldest' as const };
  const query = { ...span, limit: 50 };
  const beyond = (items: readonly AuditRecord[]): AuditRecord | null => {
    const place = items.findIndex((item) => item.record.seq === seq && item.record.at === at);
    return items[place + 1] ?? null;
  };
  if (one.of === 'activity') {
    const actor = one.record.actor.id;
    if (actor === null) return null;
    const { items } = await api.listActivity({ query: { ...query, actor } });
    return beyond(items.map((record) => ({ of: 'activity', record })));
  }
  const { user } = one.record;
  if (user === null) return null;
  if (one.of === 'connections') {
    const { items } = await api.listConnections({ query: { ...query, user } });
    return beyond(items.map((record) => ({ of: 'connections', record })));
  }
  const { items } = await api.listStatements({ query: { ...query, user } });
  return beyond(items.map((record) => ({ of: 'statements', record })));
}
