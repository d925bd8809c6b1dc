import { describe, expect, it } from 'vitest';
import { lookEveryMs, NetworkWatch, sleptAfterMs } from './network-watch.ts';

function start() {
  const machine = { now: 1_000_000, addresses: '192.0.2.5' };
  const changes: string[] = [];
  const watch = new NetworkWatch({
    clock: { now: () => machine.now },
    addresses: () => machine.addresses,
    onChange: (change) => changes.push(change),
  });
  const look = (afterMs: number): void => {
    machine.now += afterMs;
    watch.look();
  };
  return { machine, changes, look };
}

describe('the watch over the network', () => {
  it('tells nothing while nothing changes', () => {
    const { changes, look } = start();
    for (let i = 0; i < 10; i += 1) look(lookEveryMs);
    look(sleptAfterMs);
    expect(changes).toEqual([]);
  });

  it('tells once that the machine has slept', () => {
    const { changes, look } = start();
    look(sleptAfterMs + 1);
    look(lookEveryMs);
    expect(changes).toEqual(['resumed']);
  });

  it('tells of other addresses, and of none', () => {
    const { machine, changes, look } = start();
    machine.addresses = '198.51.100.5';
    look(lookEveryMs);
    machine.addresses = '';
    look(lookEveryMs);
    look(lookEveryMs);
    expect(changes).toEqual(['network', 'network']);
  });

  it('takes a clock that was set back for nothing', () => {
    const { changes, look } = start();
    look(-3_600_000);
    look(lookEveryMs);
    expect(changes).toEqual([]);
  });
});
