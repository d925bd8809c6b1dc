import type { MenuItemConstructorOptions } from 'electron';

/**
 * The menu of the app. Its shortcuts win over the page's, so it has only those that the page leaves free: no ⌘W, ⌘T
 * or reload, which belong to tabs and statements.
 */
export function appMenu(options: {
  readonly platform: NodeJS.Platform;
  readonly hasDevTools: boolean;
  readonly onQuit: () => void;
}): MenuItemConstructorOptions[] {
  const { platform, hasDevTools, onQuit } = options;
  const quit: MenuItemConstructorOptions = {
    label: 'Quit DAAM',
    accelerator: 'CommandOrControl+Q',
    click: onQuit,
  };
  const own: MenuItemConstructorOptions[] = [
    { role: 'about' },
    { type: 'separator' },
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    { type: 'separator' },
    quit,
  ];
  return [
    platform === 'darwin' ? { label: 'DAAM', submenu: own } : { label: 'File', submenu: [quit] },
    {
      label: 'Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(hasDevTools ? [{ role: 'toggleDevTools' } as const] : []),
      ],
    },
    { label: 'Window', submenu: [{ role: 'minimize' }, { role: 'zoom' }] },
  ];
}
