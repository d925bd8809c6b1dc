import type { MenuItemConstructorOptions } from 'electron';
import type { Database, LocalAddress, Target } from '../ipc/schema.ts';
import { findFormat } from '../renderer/databases/connection-formats.ts';
import type { ShellView } from './shell-state.ts';

/** The glyphs of the tray differ in shape: a ring, a dot, a disc, a disc with a notch. */
export const trayGlyphs = ['signed-out', 'ready', 'connected', 'attention'] as const;
export type TrayGlyph = (typeof trayGlyphs)[number];

/** What the tray's menu does. */
export interface TrayActions {
  readonly open: () => void;
  readonly openAt: (target: Target) => void;
  readonly copy: (text: string) => void;
  readonly connect: (database: string) => void;
  readonly disconnect: (database: string) => void;
  readonly quit: () => void;
}

type Connected = Database & {
  readonly connection: { readonly kind: 'connected'; readonly local: LocalAddress };
};

/** How many databases have a menu of their own. */
const maxShown = 12;
const maxRecent = 5;
const maxLabel = 60;

/** Which glyph says how things are. */
export function trayGlyph({ status, databases, notifications, waiting }: ShellView): TrayGlyph {
  if (status === null || status.account === null) return 'signed-out';
  const isLost = databases.some(({ connection }) => connection.kind === 'failed');
  if (isLost || waiting.inbox > 0 || notifications.some(({ isRead }) => !isRead)) return 'attention';
  return databases.some(isConnected) ? 'connected' : 'ready';
}

/** The first line of the menu, and the tray's tooltip. */
export function trayStatus({ status, databases }: ShellView): string {
  if (status === null) return 'Starting';
  if (status.account === null) return 'Signed out';
  const count = databases.filter(isConnected).length;
  const connected = count === 0 ? 'No database connected' : `${count} connected`;
  return status.controlPlane.kind === 'offline' ? `${connected}, working offline` : connected;
}

/** The menu as a template for Electron. */
export function trayMenu(view: ShellView, actions: TrayActions): MenuItemConstructorOptions[] {
  const connected = view.databases.filter(isConnected);
  const items: MenuItemConstructorOptions[] = [{ label: trayStatus(view), enabled: false }];
  if (connected.length > 0) items.push({ type: 'separator' });
  for (const database of connected.slice(0, maxShown)) items.push(databaseItem(database, actions));
  items.push({ type: 'separator' });
  const recent = view.databases.filter(isReconnectable).slice(0, maxRecent);
  if (recent.length > 0)
    items.push({ label: 'Connect', submenu: recent.map((each) => connectItem(each, actions)) });
  const { mine, inbox } = view.waiting;
  if (inbox > 0) items.push({ label: `Waiting for your approval: ${inbox}`, click: actions.open });
  if (mine > 0) items.push({ label: `Your requests waiting: ${mine}`, click: actions.open });
  items.push({ label: 'Open DAAM', click: actions.open });
  items.push({ label: 'Settings', click: () => actions.openAt({ kind: 'settings' }) });
  items.push({ type: 'separator' }, { label: quitLabel(connected.length), click: actions.quit });
  return items;
}

/** What quitting does, in the words of the button. */
export function quitLabel(connections: number): string {
  if (connections === 0) return 'Quit';
  return `Quit (${connections === 1 ? '1 connection' : `${connections} connections`} will close)`;
}

function databaseItem(database: Connected, actions: TrayActions): MenuItemConstructorOptions {
  const { id, name, connection } = database;
  const copy = (format: string) => () => {
    const text = findFormat(format).write(connection.local, null);
    if (text !== null) actions.copy(text);
  };
  return {
    label: `${menuText(name)}  :${connection.local.port}`,
    submenu: [
      { label: 'Copy psql command', click: copy('psql') },
      { label: 'Copy URI', click: copy('uri') },
      { label: 'Open query', click: () => actions.openAt({ kind: 'query', database: id, saved: null }) },
      { label: 'Disconnect', click: () => actions.disconnect(id) },
    ],
  };
}

function connectItem({ id, name }: Database, actions: TrayActions): MenuItemConstructorOptions {
  return { label: menuText(name), click: () => actions.connect(id) };
}

/** A port of its own means that it was connected on this device before. */
function isReconnectable({ port, blocked, connection }: Database): boolean {
  return port !== null && blocked === null && connection.kind === 'disconnected';
}

/** How many databases are connected. */
export function connectedCount({ databases }: ShellView): number {
  return databases.filter(isConnected).length;
}

function isConnected(database: Database): database is Connected {
  return database.connection.kind === 'connected';
}

/** Names come from elsewhere: no control characters, no end of the screen, and `&` is no access key. */
export function menuText(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').trim();
  const short = plain.length > maxLabel ? `${plain.slice(0, maxLabel - 1)}…` : plain;
  return short.replaceAll('&', '&&');
}
