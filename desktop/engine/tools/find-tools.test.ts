import { describe, expect, it } from 'vitest';
import type { LocalAddress } from '../../ipc/schema.ts';
import { findTools, type FindToolsOptions, type Launch, type ToolId } from './find-tools.ts';
import { Tools } from './open-in-tool.ts';

const address: LocalAddress = { host: '127.0.0.1', port: 54_310, user: 'mina', database: 'shop' };
const env = { PATH: ['/usr/bin', 'relative', '', '.', '/opt/bin'].join(':') };

const find = async (
  programs: readonly string[],
  { platform = 'linux', env: given = env }: Partial<FindToolsOptions> = {},
) =>
  await findTools({
    platform,
    env: given,
    isProgram: async (path) => programs.includes(path.replaceAll('\\', '/')),
  });

async function launch(
  programs: readonly string[],
  id: ToolId,
  at = address,
  platform: NodeJS.Platform = 'linux',
) {
  return (await find(programs, { platform })).find((tool) => tool.id === id)?.launch(at);
}

describe('programs of this machine', () => {
  it('are those that are found in absolute folders', async () => {
    expect(await find([])).toEqual([]);
    expect(await find(['relative/dbeaver', 'dbeaver', './psql'])).toEqual([]);
    const all = await find(['/opt/bin/dbeaver-ce', '/usr/bin/datagrip', '/usr/bin/psql', '/usr/bin/xterm']);
    expect(all.map(({ id }) => id)).toEqual(['dbeaver', 'datagrip', 'psql']);
    // psql without a terminal is none.
    expect((await find(['/usr/bin/psql'])).length).toBe(0);
    expect((await find(['/usr/bin/psql'], { platform: 'darwin' })).length).toBe(0);
    const mac = ['/Applications/TablePlus.app/Contents/MacOS/TablePlus'];
    expect((await find(mac, { platform: 'darwin' })).map(({ id }) => id)).toEqual(['tableplus']);
  });

  it('get the connection as arguments of their own, whatever its name holds', async () => {
    const hostile = { ...address, database: `x"; rm -rf "$HOME" $(id) -c` };
    expect(await launch(['/usr/bin/dbeaver'], 'dbeaver', hostile)).toMatchObject({
      file: '/usr/bin/dbeaver',
      args: ['-con', expect.stringContaining(`|database=${hostile.database}|`)],
    });
    expect(await launch(['/usr/bin/psql', '/usr/bin/xterm', '/usr/bin/konsole'], 'psql', hostile)).toEqual({
      file: '/usr/bin/konsole',
      args: ['-e', '/usr/bin/psql', expect.stringMatching(/^host=127\.0\.0\.1 /)],
    });
    expect(await launch(['/usr/bin/tableplus'], 'tableplus', hostile)).toEqual({
      file: '/usr/bin/tableplus',
      args: [expect.stringMatching(/^postgresql:\/\/mina@127\.0\.0\.1:54310\/[\w%-]+\?[\w%=&-]+$/)],
    });
    expect(await launch(['/usr/bin/datagrip'], 'datagrip', hostile)).toEqual({
      file: '/usr/bin/datagrip',
      args: [],
    });
  });

  it('get nothing that they would read as more', async () => {
    for (const database of ['a|connect=false', '${jdbc}', 'a\nb'])
      expect(await launch(['/usr/bin/dbeaver'], 'dbeaver', { ...address, database })).toBeNull();
    const socket = { ...address, host: '/run/daam' };
    expect(await launch(['/usr/bin/dbeaver'], 'dbeaver', socket)).toBeNull();
    expect(await launch(['/usr/bin/tableplus'], 'tableplus', socket)).toBeNull();
  });

  it('are started only when they are there and the database is connected', async () => {
    const started: Launch[] = [];
    const tools = new Tools({
      tools: await find(['/usr/bin/dbeaver']),
      start: async (each) => void started.push(each),
    });
    expect(tools.list()).toEqual([{ id: 'dbeaver', label: 'DBeaver', pastes: null }]);
    await expect(tools.open('psql', address)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(tools.open('dbeaver', null)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(tools.open('dbeaver', { ...address, database: 'a|b' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    expect(started).toEqual([]);
    await tools.open('dbeaver', address);
    expect(started).toHaveLength(1);
  });
});
