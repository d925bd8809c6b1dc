import { silentLogger } from '@daam/shared/base/logger';
import type { AppError } from '@daam/shared/errors/app-error';
import { generateX25519 } from '@daam/shared/identity/x25519';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeAgentDoor, type FakeSidecar, fakeSidecars } from '../testing/fake-sidecar.ts';
import { lookEveryMs } from './network-watch.ts';
import { Tunnel, type TunnelListener } from './tunnel.ts';

const ticket = { name: 'relay', url: 'ws://localhost:1/relay/v1', stun: [], token: 't', expiresAt: 0 };

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

function start() {
  const machine = { now: 1_000_000, addresses: '192.0.2.5' };
  const sidecars = fakeSidecars(new FakeAgentDoor());
  const heard: string[] = [];
  const listener: TunnelListener = {
    onUp: () => void heard.push('up'),
    onDown: (failure: AppError) => void heard.push(`down ${failure.code}`),
    onMoved: () => void heard.push('moved'),
    onPresence: () => {},
    uses: () => false,
    onConnection: () => {},
  };
  const tunnel = new Tunnel({
    deviceKey: generateX25519(),
    path: 'auto',
    startSidecar: sidecars.start,
    clock: { now: () => machine.now },
    logger: silentLogger,
    onChange: () => {},
    addresses: () => machine.addresses,
  });
  const sidecar = (): FakeSidecar => {
    const [first] = sidecars.all;
    if (first === undefined) throw new Error('no sidecar was started');
    return first;
  };
  const look = async (afterMs: number): Promise<void> => {
    machine.now += afterMs;
    await vi.advanceTimersByTimeAsync(lookEveryMs);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { machine, tunnel, sidecars, sidecar, listener, heard, look };
}

describe('the tunnel of a device', () => {
  it('opens its sockets again after sleep and on another network, and has everybody knock', async () => {
    const { machine, tunnel, sidecar, listener, heard, look } = start();
    const leave = tunnel.listen(listener);
    await tunnel.use(ticket);
    await look(lookEveryMs);
    expect(sidecar().sent('rebind')).toHaveLength(0);
    await look(60_000);
    expect(sidecar().sent('rebind')).toHaveLength(1);
    machine.addresses = '198.51.100.7';
    await look(lookEveryMs);
    expect(sidecar().sent('rebind')).toHaveLength(2);
    expect(heard).toEqual(['up', 'moved', 'moved']);
    await leave();
    expect(sidecar().isDisposed).toBe(true);
  });

  it('starts the sidecar anew when its sockets cannot be opened again', async () => {
    const { tunnel, sidecar, listener, heard, look } = start();
    const leave = tunnel.listen(listener);
    await tunnel.use(ticket);
    sidecar().failing.add('rebind');
    await look(60_000);
    await expect.poll(() => heard.length).toBe(3);
    expect(heard).toEqual(['up', 'down TUNNEL_FAILED', 'up']);
    await leave();
  });

  it('is not begun without a relay, nor for a port that is closed already', async () => {
    const { tunnel, sidecars, listener } = start();
    await expect(tunnel.use(ticket)).rejects.toMatchObject({ code: 'CANCELLED' });
    const leave = tunnel.listen(listener);
    await expect(tunnel.use(null)).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' });
    await leave();
    expect(sidecars.all).toHaveLength(0);
  });
});
