import { Secret } from '@daam/shared/base/secret';
import { describe, expect, it } from 'vitest';
import { type KeyringEntry, KeyringSecretStore } from './keyring-secret-store.ts';
import { readSecret } from './secret-store.ts';

function memoryKeyring() {
  const items = new Map<string, string>();
  const openEntry = (service: string, account: string): Promise<KeyringEntry> => {
    const key = `${service}/${account}`;
    return Promise.resolve({
      getPassword: () => Promise.resolve(items.get(key) ?? null),
      setPassword: (password) => Promise.resolve(void items.set(key, password)),
      deleteCredential: () => Promise.resolve(items.delete(key)),
    });
  };
  return { items, openEntry };
}

/** A keyring whose every call fails with the addon's text. */
function brokenKeyring(reason: string): KeyringSecretStore {
  const fail = (): Promise<never> => Promise.reject(new Error(reason));
  const entry: KeyringEntry = { getPassword: fail, setPassword: fail, deleteCredential: fail };
  return new KeyringSecretStore({ profile: '/p', openEntry: () => Promise.resolve(entry) });
}

describe('the keyring', () => {
  it('keeps secrets of two profiles apart', async () => {
    const { items, openEntry } = memoryKeyring();
    const first = new KeyringSecretStore({ profile: '/one', openEntry });
    const second = new KeyringSecretStore({ profile: '/two', openEntry });
    await first.keep('api-token', new Secret('t1'));
    expect((await readSecret(first, 'api-token'))?.reveal()).toBe('t1');
    expect(await second.look('api-token')).toEqual({ kind: 'missing' });
    await first.forget('api-token');
    expect(items.size).toBe(0);
    expect(await readSecret(first, 'api-token')).toBeNull();
  });

  it.each([
    ["Couldn't access platform secure storage: the collection is locked", 'locked'],
    ['Platform failure: DBus error: no session bus', 'unavailable'],
  ])('tells locked and unavailable apart: %s', async (reason, kind) => {
    const store = brokenKeyring(reason);
    expect(await store.look('device-key')).toEqual({ kind, reason });
    await expect(readSecret(store, 'device-key')).rejects.toMatchObject({ code: 'SECRET_STORE_UNAVAILABLE' });
    await expect(store.keep('device-key', new Secret('x'))).rejects.toMatchObject({
      code: 'SECRET_STORE_UNAVAILABLE',
    });
    await expect(store.forget('device-key')).rejects.toMatchObject({ code: 'SECRET_STORE_UNAVAILABLE' });
  });

  it('does not show a secret when it is printed', async () => {
    const { openEntry } = memoryKeyring();
    const store = new KeyringSecretStore({ profile: '/p', openEntry });
    await store.keep('device-key', new Secret('hush'));
    expect(JSON.stringify(await store.look('device-key'))).not.toContain('hush');
  });
});
