import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { maxSidecarLine } from './sidecar-channel.ts';
import { sidecarEnvironment, sidecarFile } from './sidecar-file.ts';
import { SidecarProcess, type SidecarOptions } from './sidecar-process.ts';
import { SidecarSupervisor, type SupervisorState } from './sidecar-supervisor.ts';

/** Speaks the sidecar's protocol, and misbehaves on request. */
const script = `
import { createInterface } from 'node:readline';
const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, do: what, ...fields } = JSON.parse(line);
  if (what === 'hello') return say({ id, ok: true, proto: fields.proto, role: process.argv[2] });
  if (what === 'stats') return say({ id, ok: true, env: Object.keys(process.env) });
  if (what === 'rebind') return say({ event: 'presence', peer: 'A'.repeat(43), present: true }), say({ id, ok: true });
  if (what === 'down') return process.exit(3);
  if (what === 'up') return process.stdout.write('x'.repeat(${maxSidecarLine + 1}));
  if (what === 'peer.add') return;
  say({ id, error: { code: 'UNKNOWN_COMMAND', message: 'unknown command' } });
}).on('close', () => process.exit(0));
`;
const folder = mkdtempSync(join(tmpdir(), 'daam-sidecar-'));
const file = join(folder, 'fake.mjs');
writeFileSync(file, script);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let stack: AsyncDisposableStack;
beforeEach(() => void (stack = new AsyncDisposableStack()));
afterEach(async () => await stack.disposeAsync());

function optionsOf(exits: string[]): SidecarOptions {
  return {
    file,
    role: 'agent',
    within: [process.execPath],
    onEvent: () => {},
    onExit: ({ code }) => void exits.push(code),
    logger: silentLogger,
    env: { HTTPS_PROXY: 'http://proxy.example:3128', DAAM_AUTH_TOKEN: 'secret', HOME: '/home/dev' },
    commandTimeoutMs: 5_000,
  };
}

describe('the sidecar’s process', () => {
  it('answers, tells events, and sees nothing of the environment but proxies', async () => {
    const events: string[] = [];
    const exits: string[] = [];
    const sidecar = stack.use(
      await SidecarProcess.start({ ...optionsOf(exits), onEvent: ({ event }) => void events.push(event) }),
    );
    const { env } = await sidecar.send('stats');
    expect((env as string[]).filter((name) => !name.startsWith('__CF'))).toEqual(['HTTPS_PROXY']);
    await sidecar.send('rebind');
    expect(events).toEqual(['presence']);
    await expect(sidecar.send('forward.add')).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    await sidecar[Symbol.asyncDispose]();
    expect(exits).toEqual([]);
    await expect(sidecar.send('stats')).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });

  it('tells that it has ended, and whoever waits for an answer too', async () => {
    const exits: string[] = [];
    const sidecar = stack.use(await SidecarProcess.start(optionsOf(exits)));
    await expect(sidecar.send('down')).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    await expect.poll(() => exits).toEqual(['TUNNEL_FAILED']);
  });

  it('is ended when it says more than a line may hold', async () => {
    const exits: string[] = [];
    const sidecar = stack.use(await SidecarProcess.start(optionsOf(exits)));
    await expect(sidecar.send('up')).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    await expect.poll(() => exits).toEqual(['FRAME_TOO_LARGE']);
  });

  it('is ended when it does not answer in time', async () => {
    const exits: string[] = [];
    const sidecar = stack.use(await SidecarProcess.start({ ...optionsOf(exits), commandTimeoutMs: 500 }));
    await expect(sidecar.send('peer.add')).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    await expect.poll(() => exits).toEqual(['TUNNEL_FAILED']);
  });

  it('is an error with a code when there is no such program', async () => {
    const missing = { ...optionsOf([]), within: [], file: join(folder, 'nothing') };
    await expect(SidecarProcess.start(missing)).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    expect(() => sidecarFile(join(folder, 'nothing'))).toThrow(
      expect.objectContaining({ code: 'TUNNEL_FAILED' }) as Error,
    );
    expect(sidecarFile(file)).toBe(file);
  });

  it('gets proxies and roots of certificates, in either case of letters', () => {
    const env = { https_proxy: 'a', NO_PROXY: 'b', SSL_CERT_FILE: 'c', PGPASSWORD: 'd', NODE_OPTIONS: 'e' };
    expect(sidecarEnvironment(env)).toEqual({ https_proxy: 'a', NO_PROXY: 'b', SSL_CERT_FILE: 'c' });
  });
});

describe('the sidecar’s supervisor', () => {
  const backOff = { minMs: 10, maxMs: 20 };

  it('starts a new process when one ends, and makes it what the last one was', async () => {
    let turns = 0;
    const states: SupervisorState['kind'][] = [];
    const supervisor = stack.use(
      SidecarSupervisor.start({
        ...optionsOf([]),
        backOff,
        bringUp: async (sidecar) => {
          turns += 1;
          await sidecar.send('rebind');
        },
        onState: ({ kind }) => void states.push(kind),
      }),
    );
    const first = await supervisor.whenUp();
    await expect(supervisor.send('down')).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    await expect.poll(() => supervisor.current?.pid ?? first.pid).not.toBe(first.pid);
    await supervisor.send('stats');
    expect(turns).toBe(2);
    expect(states).toEqual(['starting', 'up', 'waiting', 'starting', 'up']);
  });

  it('tries again when a process cannot be made what it has to be', async () => {
    let turns = 0;
    const failures: string[] = [];
    const supervisor = stack.use(
      SidecarSupervisor.start({
        ...optionsOf([]),
        backOff,
        bringUp: async (sidecar) => {
          turns += 1;
          if (turns === 1) await sidecar.send('forward.add');
        },
        onState: (state) => void (state.kind === 'waiting' && failures.push(state.failure.code)),
      }),
    );
    await supervisor.whenUp();
    expect(failures).toEqual(['TUNNEL_FAILED']);
  });

  it('goes on trying while there is no program, and says so, until it is disposed of', async () => {
    const supervisor = SidecarSupervisor.start({
      ...optionsOf([]),
      within: [],
      file: join(folder, 'nothing'),
      backOff,
      bringUp: () => Promise.resolve(),
    });
    const up = supervisor.whenUp();
    up.catch(() => {});
    await expect.poll(() => supervisor.state.kind).toBe('waiting');
    await expect(supervisor.send('stats')).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    await supervisor[Symbol.asyncDispose]();
    await expect(up).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(supervisor.state.kind).toBe('stopped');
  });
});
