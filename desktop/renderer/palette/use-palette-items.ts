import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Database, DatabaseObjects, Workspace } from '../../ipc/schema.ts';
import { useBridge, useCapabilities } from '../bridge/bridge-context.ts';
import { useApi } from '../bridge/use-api.ts';
import { apiKey, useBridgeQuery, useDatabases, useStatus } from '../bridge/use-engine-data.ts';
import { useChangeSettings, useSettings } from '../bridge/use-settings.ts';
import { consoleSections } from '../console/console-routes.tsx';
import { activateTab, useQueryStore } from '../query/query-store.ts';
import { settingsHere } from '../settings/sections.ts';
import { useLock } from '../shell/use-lock.ts';
import { useOfferedCommands } from '../shell/commands.ts';
import type { Command } from '../shell/commands.ts';
import { useKeyboard } from '../shell/shortcuts/use-shortcuts.ts';

export type PaletteKind = 'command' | 'database' | 'table' | 'saved' | 'tab' | 'person' | 'setting';

export interface PaletteItem extends Command {
  readonly kind: PaletteKind;
}

/** Everything that the palette can find now. Tables are those that this page has read already. */
export function usePaletteItems(
  onShortcuts: () => void,
  { withPeople }: { readonly withPeople: boolean },
): PaletteItem[] {
  const bridge = useBridge();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { words } = useKeyboard();
  const { queryEditor, localPort } = useCapabilities();
  const databases = useDatabases().data;
  const saved = useBridgeQuery(['saved'], 'listSavedQueries', {}).data;
  const offered = useOfferedCommands();
  const settings = useSettings();
  const change = useChangeSettings();
  const role = useStatus().data?.account?.role ?? null;
  const people = usePeople(withPeople && role !== null && role !== 'member');
  const tabs = useTabs(queryEditor);
  const lock = useLock();
  return useMemo(() => {
    const go =
      (to: string, search: Record<string, string> = {}) =>
      () =>
        void navigate({ to, search });
    const names = new Map((databases ?? []).map(({ id, name }) => [id, name]));
    const place = (id: string, title: string, to: string, keys?: string): PaletteItem => ({
      kind: 'command',
      id,
      title,
      group: 'Go to',
      ...(keys === undefined ? {} : { keys }),
      run: go(to),
    });
    const objects = queries
      .getQueriesData<DatabaseObjects>({ queryKey: ['objects'] })
      .flatMap(([, data]) => (data === undefined ? [] : [data]));
    return [
      ...offered.map((command): PaletteItem => ({ ...command, kind: 'command' })),
      ...(databases ?? []).flatMap((database) => databaseItems(database, { bridge, go, queryEditor })),
      ...(localPort ? [place('databases', 'Databases', '/databases', words('goDatabases'))] : []),
      ...(queryEditor ? [place('query', 'Query', '/query', words('goQuery'))] : []),
      place('requests', 'Requests', '/requests', words('goRequests')),
      place('new-request', 'Request access', '/requests/new', words('requestAccess')),
      place('activity', 'Activity', '/activity', words('goActivity')),
      ...consoleSections
        .filter(({ roles }) => role !== null && roles.includes(role))
        .map(({ label, path }) => place(path, label, path)),
      ...(saved ?? []).map(
        (entry): PaletteItem => ({
          kind: 'saved',
          id: entry.id,
          title: entry.name,
          group: 'Saved queries',
          run: go('/query', { saved: entry.id }),
        }),
      ),
      ...tabs.map(
        (tab): PaletteItem => ({
          kind: 'tab',
          id: tab.id,
          title: tab.title,
          group: names.get(tab.database ?? '') ?? 'Tabs',
          run: () => {
            whenReady(() => activateTab(tab.id));
            go('/query')();
          },
        }),
      ),
      ...people.map(
        ({ id, email }): PaletteItem => ({
          kind: 'person',
          id,
          title: email,
          group: 'People',
          run: go(`/admin/people/${encodeURIComponent(id)}`),
        }),
      ),
      ...settingsHere(localPort).map(
        ([id, label]): PaletteItem => ({
          ...place(`settings-${id}`, label, `/settings/${id}`),
          kind: 'setting',
          group: 'Settings',
        }),
      ),
      ...(localPort
        ? [
            {
              kind: 'command' as const,
              id: 'lock',
              title: 'Lock',
              group: 'App',
              keys: words('lock'),
              run: () => void lock(),
            },
          ]
        : []),
      ...(['system', 'light', 'dark'] as const).map(
        (theme): PaletteItem => ({
          kind: 'setting',
          id: `theme-${theme}`,
          title: `Theme: ${theme}`,
          group: 'Settings',
          run: () => void change({ appearance: { ...settings.appearance, theme } }),
        }),
      ),
      { ...place('settings', 'Settings', '/settings', words('settings')), kind: 'setting' },
      {
        kind: 'setting',
        id: 'shortcuts',
        title: 'Keyboard shortcuts',
        group: 'Settings',
        keys: words('shortcutsSheet'),
        run: onShortcuts,
      },
      ...objects.flatMap((data) =>
        data.tables.map(
          (table): PaletteItem => ({
            kind: 'table',
            id: `${data.database}.${table.schema}.${table.name}`,
            title: `${table.schema}.${table.name}`,
            group: names.get(data.database) ?? '',
            run: go('/query', { db: data.database }),
          }),
        ),
      ),
    ];
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `words` and `change` follow the settings
  }, [bridge, databases, saved, offered, settings, role, queryEditor, localPort, people, tabs]);
}

const nobody: readonly { readonly id: string; readonly email: string }[] = [];

/** People of the organization, read when they are first looked for. */
function usePeople(isWanted: boolean): typeof nobody {
  const api = useApi();
  const { data } = useQuery({
    queryKey: [apiKey, 'palette-people'],
    queryFn: () => api.listUsers({ query: { limit: 200 } }),
    enabled: isWanted,
  });
  return isWanted ? (data?.items ?? nobody) : nobody;
}

const noTabs: Workspace['tabs'] = [];

/** The tabs of the editor: as they are, or as they were left before it was opened here. */
function useTabs(isWanted: boolean): readonly Workspace['tabs'][number][] {
  const bridge = useBridge();
  const { isReady, tabs } = useQueryStore();
  const { data } = useQuery({
    queryKey: ['palette-tabs'],
    queryFn: () => bridge.call('readWorkspace', {}),
    enabled: isWanted && !isReady,
    gcTime: 0,
  });
  if (!isWanted) return noTabs;
  return isReady ? tabs : (data?.tabs ?? noTabs);
}

/** After the tabs of the last visit are there, which choose their own active one. */
function whenReady(act: () => void): void {
  if (useQueryStore.getState().isReady) return act();
  const stop = useQueryStore.subscribe(({ isReady }) => {
    if (!isReady) return;
    stop();
    act();
  });
}

function databaseItems(
  database: Database,
  how: {
    readonly bridge: ReturnType<typeof useBridge>;
    readonly go: (to: string, search?: Record<string, string>) => () => void;
    readonly queryEditor: boolean;
  },
): PaletteItem[] {
  const { id, name, connection, blocked } = database;
  const item = (what: string, title: string, run: () => void): PaletteItem => ({
    kind: 'database',
    id: `${what}-${id}`,
    title,
    group: 'Databases',
    run,
  });
  const call = (method: 'connect' | 'disconnect') => () =>
    void how.bridge
      .call(method, { database: id })
      .catch(() => how.go(`/databases/${encodeURIComponent(name)}`)());
  return [
    item('open', name, how.go(`/databases/${encodeURIComponent(name)}`)),
    ...(how.queryEditor && blocked === null
      ? [item('query', `Query ${name}`, how.go('/query', { db: id }))]
      : []),
    ...(connection.kind === 'connected'
      ? [item('disconnect', `Disconnect ${name}`, call('disconnect'))]
      : []),
    ...(connection.kind === 'disconnected' && blocked === null
      ? [item('connect', `Connect ${name}`, call('connect'))]
      : []),
  ];
}
