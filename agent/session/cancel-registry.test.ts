import { describe, expect, it, vi } from 'vitest';
import { CancelRegistry } from './cancel-registry.ts';

describe('CancelRegistry', () => {
  it('cancels for the right key and person', () => {
    const registry = new CancelRegistry();
    const cancel = vi.fn<() => void>();
    const key = registry.register({ user: 'a', minorVersion: 0, cancel });
    expect(registry.request({ user: 'a', pid: key.pid, secret: key.secret })).toBe(true);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('gives 4 bytes of secret in protocol 3.0 and 32 in 3.2', () => {
    const registry = new CancelRegistry();
    expect(registry.register({ user: 'a', minorVersion: 0, cancel: () => {} }).secret).toHaveLength(4);
    expect(registry.register({ user: 'a', minorVersion: 2, cancel: () => {} }).secret).toHaveLength(32);
  });

  it('does nothing for another person, a wrong or cut secret, an unknown or ended session', () => {
    const registry = new CancelRegistry();
    const cancel = vi.fn<() => void>();
    const key = registry.register({ user: 'a', minorVersion: 2, cancel });
    const wrong = Buffer.from(key.secret);
    wrong[0] = (wrong[0] ?? 0) ^ 1;
    expect(registry.request({ user: 'b', pid: key.pid, secret: key.secret })).toBe(false);
    expect(registry.request({ user: 'a', pid: key.pid, secret: wrong })).toBe(false);
    expect(registry.request({ user: 'a', pid: key.pid, secret: key.secret.subarray(0, 31) })).toBe(false);
    expect(registry.request({ user: 'a', pid: key.pid + 1, secret: key.secret })).toBe(false);
    key[Symbol.dispose]();
    expect(registry.request({ user: 'a', pid: key.pid, secret: key.secret })).toBe(false);
    expect(cancel).not.toHaveBeenCalled();
  });
});
