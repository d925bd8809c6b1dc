import { describe, expect, it } from 'vitest';
import type { Database } from '../ipc/schema.ts';
import { sampleDatabases, sampleStatus } from '../ipc/testing/sample.ts';
import { sampleNotifications } from '../ipc/testing/sample-workspace.ts';
import type { ShellView } from './shell-state.ts';
import { menuText, quitLabel, trayGlyph, trayMenu, trayStatus } from './tray-menu.ts';

const view = (changed: Partial<ShellView> = {}): ShellView => ({
  status: sampleStatus,
  databases: [],
  notifications: [],
  settings: null,
  waiting: { mine: 0, inbox: 0 },
  ...changed,
});

const connected = (name: string): Database => {
  const [sample] = sampleDatabases;
  if (sample === undefined) throw new TypeError('there is no sample');
  const local = { host: '127.0.0.1', port: 54_310, user: 'dev', database: 'orders' };
  return {
    ...sample,
    id: 'id-x',
    name,
    connection: { kind: 'connected', local, path: 'direct', since: '2026-03-01T09:00:00Z' },
  };
};

const idle = sampleDatabases.filter(({ connection }) => connection.kind === 'disconnected');
const noActions = {
  open: () => {},
  openAt: () => {},
  copy: () => {},
  connect: () => {},
  disconnect: () => {},
  quit: () => {},
};

describe('the glyph of the tray', () => {
  it.each([
    ['signed-out', view({ status: { ...sampleStatus, account: null } })],
    ['signed-out', view({ status: null })],
    ['ready', view({ databases: idle })],
    ['connected', view({ databases: [connected('orders')] })],
    ['attention', view({ databases: [connected('orders')], waiting: { mine: 0, inbox: 1 } })],
    ['attention', view({ notifications: sampleNotifications.map((each) => ({ ...each, isRead: false })) })],
  ] as const)('is %s', (glyph, shown) => {
    expect(trayGlyph(shown)).toBe(glyph);
  });
});

describe('the menu of the tray', () => {
  it('says first how things are', () => {
    const offline = { ...sampleStatus, controlPlane: { kind: 'offline', since: null } } as const;
    expect(trayStatus(view({ databases: [connected('a')] }))).toBe('1 connected');
    expect(trayStatus(view({ status: offline }))).toBe('No database connected, working offline');
    expect(trayMenu(view(), noActions)[0]).toMatchObject({ enabled: false });
  });

  it('copies and disconnects what is connected', () => {
    const did: string[] = [];
    const actions = {
      ...noActions,
      copy: (text: string) => void did.push(text),
      disconnect: (id: string) => void did.push(`disconnect ${id}`),
    };
    const items = trayMenu(view({ databases: [connected('orders')] }), actions);
    const menus = items.flatMap(({ submenu }) => (Array.isArray(submenu) ? [submenu] : []));
    expect(menus).toHaveLength(1);
    for (const item of menus[0] ?? []) (item.click as unknown as () => void)();
    expect(did).toEqual([
      expect.stringMatching(/^psql "host=127.0.0.1 port=54310/),
      'postgresql://dev@127.0.0.1:54310/orders?sslmode=disable',
      'disconnect id-x',
    ]);
  });

  it('connects again what was connected before and can be now, five at most', () => {
    const did: string[] = [];
    const actions = { ...noActions, connect: (id: string) => void did.push(id) };
    const [sample] = idle;
    const many = Array.from({ length: 8 }, (_, index) => ({
      ...(sample as Database),
      id: `d${index}`,
      port: 50_000 + index,
    }));
    const never = { ...(sample as Database), id: 'never', port: null };
    const items = trayMenu(view({ databases: [never, ...many] }), actions);
    const menu = items.find(({ label }) => label === 'Connect')?.submenu;
    for (const item of Array.isArray(menu) ? menu : []) (item.click as unknown as () => void)();
    expect(did).toEqual(['d0', 'd1', 'd2', 'd3', 'd4']);
    expect(trayMenu(view({ databases: [never] }), noActions).map(({ label }) => label)).not.toContain(
      'Connect',
    );
  });

  it('stays short, however much is connected', () => {
    const many = Array.from({ length: 300 }, (_, index) => connected(`db${index}`));
    expect(trayMenu(view({ databases: many }), noActions).length).toBeLessThan(24);
  });

  it('says what quitting closes', () => {
    expect([0, 1, 2].map(quitLabel)).toEqual([
      'Quit',
      'Quit (1 connection will close)',
      'Quit (2 connections will close)',
    ]);
  });

  it('shows hostile names as the text that they are', () => {
    expect(menuText('a\u0000b\u202Ec\n&d')).toBe('abc&&d');
    expect(menuText('x'.repeat(5_000)).length).toBeLessThan(80);
  });
});
