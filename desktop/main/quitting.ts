import type { DesktopBackend } from '../ipc/backend.ts';
import type { ElectronPort } from './electron-port.ts';
import { menuText } from './tray-menu.ts';

/** An engine that does not answer keeps nobody. Milliseconds. */
const patience = 2_000;

/**
 * Whether the app may quit: at once, unless a transaction is open in its editor. Then the person is asked, since quitting
 * rolls it back.
 */
export async function mayQuit(
  electron: Pick<ElectronPort, 'dialog'>,
  backend: Pick<DesktopBackend, 'methods'>,
): Promise<boolean> {
  const open = await openTransactions(backend);
  const [first] = open;
  if (first === undefined) return true;
  const { response } = await electron.dialog.showMessageBox({
    type: 'warning',
    title: 'DAAM',
    message:
      open.length === 1
        ? `A transaction is open on ${menuText(first)}.`
        : `${open.length} transactions are open.`,
    detail: 'Quitting rolls back what was not committed.',
    buttons: ['Stay', 'Quit'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return response === 1;
}

/** Names of the databases that they are on. */
async function openTransactions({ methods }: Pick<DesktopBackend, 'methods'>): Promise<readonly string[]> {
  try {
    const queries = await Promise.race([methods.listQueries({}), nothingAfter(patience)]);
    const open = queries.filter(({ session }) => session.kind === 'open' && session.transaction === 'open');
    if (open.length === 0) return [];
    const databases = await Promise.race([methods.listDatabases({}), nothingAfter(patience)]);
    return open.map(({ database }) => databases.find(({ id }) => id === database)?.name ?? database);
  } catch {
    return [];
  }
}

function nothingAfter(ms: number): Promise<[]> {
  return new Promise((resolve) => void setTimeout(resolve, ms, []).unref());
}
