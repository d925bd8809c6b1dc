/**
 * Runs the built main process in plain Node with the recording fake in place of `electron`: node run-in-node.ts <folder of
 * the app> <resources, where it is packed> [<database to connect>]. Prints what its page gets as one line of JSON,
 * after the app quit.
 */
import { createRequire } from 'node:module';
import Module from 'node:module';
import { join } from 'node:path';
import { bridgeChannels } from '../../ipc/electron-channels.ts';
import { FakeEvent, RecordingElectron } from '../../main/testing/recording-electron.ts';

const [appDir = '', resources = '', database = ''] = process.argv.slice(2);
const electron = new RecordingElectron();
Object.assign(process, { resourcesPath: resources });
electron.app.isPackaged = resources !== '';

const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
const load = loader._load;
loader._load = (request, ...rest) => (request === 'electron' ? electron.port : load(request, ...rest));

createRequire(import.meta.url)(join(appDir, 'main', 'main.cjs'));
electron.app.becomeReady();

async function until<T>(look: () => T | undefined): Promise<T> {
  for (let left = 200; left > 0; left -= 1) {
    const found = look();
    if (found !== undefined) return found;
    if (electron.dialogs.length > 0) throw new Error(JSON.stringify(electron.dialogs));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the app did not get there');
}

const contents = (await until(() => electron.windows[0])).webContents;
const loaded = await until(() => contents.loaded[0]);
const welcome = JSON.parse(String(await electron.invoke(bridgeChannels.open, { contents }))) as unknown;
const ask = async (method: string, params: unknown): Promise<unknown> => {
  const call = JSON.stringify({ kind: 'call', id: 1, method, params });
  return JSON.parse(String(await electron.invoke(bridgeChannels.call, { contents }, call)));
};
const status = await ask('status', {});
const { value: databases } = (await ask('listDatabases', {})) as { value: { id: string; name: string }[] };
const id = databases.find(({ name }) => name === database)?.id;
const connected = id === undefined ? null : await ask('connect', { database: id });
const labels = (): string[] => electron.trays[0]?.menu?.template.map(({ label }) => label ?? '') ?? [];
// The tray hears of it a moment later.
if (connected !== null) await until(() => labels().find((label) => label.startsWith(database)));
const tray = labels();
const page = await electron.protocolHandlers.get('app')?.({ url: loaded, method: 'GET' } as Request);
const pageStatus = page?.status;
const quits = (count: number) => () =>
  electron.app.calls.filter(([name]) => name === 'quit').length === count ? true : undefined;
electron.app.emit('before-quit', new FakeEvent());
await until(quits(1));
electron.app.emit('will-quit', new FakeEvent());
await until(quits(2));
process.stdout.write(`${JSON.stringify({ loaded, welcome, status, connected, tray, pageStatus })}\n`);
