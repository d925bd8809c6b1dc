import { Secret } from '@daam/shared/base/secret';
import { describe, expect, it } from 'vitest';
import { type Keytar, keytarService, KeytarSecretStore } from './keytar-secret-store.ts';
import { readSecret } from './secret-store.ts';

/** keytar 7 over a map, as strict as it is: it refuses empty texts, and answers null for what is not there. */
function memoryKeytar() {
  const items = new Map<string, string>();
  const asked: string[] = [];
  const key = (service: string, account: string): string => {
    if (service === '' || account === '') throw new Error('Service is required.');
    asked.push(service);
    return `${service}/${account}`;
  };
  const keytar: Keytar = {
    getPassword: async (service, account) => items.get(key(service, account)) ?? null,
    setPassword: async (service, account, password) => {
      if (password === '') throw new Error('Password is required.');
      items.set(key(service, account), password);
    },
    deletePassword: async (service, account) => items.delete(key(service, account)),
  };
  return { items, asked, load: async () => keytar, keytar };
}

const storeOf = (keytar: Partial<Keytar>, profile = '/p'): KeytarSecretStore =>
  new KeytarSecretStore({ profile, load: async () => ({ ...memoryKeytar().keytar, ...keytar }) });

describe('the keyring by keytar', () => {
  it('keeps secrets of two profiles apart, under a service of its own alone', async () => {
    const { items, asked, load } = memoryKeytar();
    const first = new KeytarSecretStore({ profile: '/one', load });
    const second = new KeytarSecretStore({ profile: '/two', load });
    await first.keep('api-token', new Secret('t1'));
    expect((await readSecret(first, 'api-token'))?.reveal()).toBe('t1');
    expect(await second.look('api-token')).toEqual({ kind: 'missing' });
    await first.forget('api-token');
    await first.forget('api-token');
    expect(items.size).toBe(0);
    expect(new Set(asked)).toEqual(new Set([keytarService]));
  });

  it('never asks for a list of what is in the keyring', async () => {
    const fail = (): never => {
      throw new Error('asked for others’ items');
    };
    const { keytar } = memoryKeytar();
    const load = async () => ({ ...keytar, findCredentials: fail, findPassword: fail });
    const store = new KeytarSecretStore({ profile: '/p', load });
    await store.keep('device-key', new Secret('k'));
    expect(await store.look('device-key')).toMatchObject({ kind: 'found' });
    await store.forget('device-key');
    expect(await store.look('device-key')).toEqual({ kind: 'missing' });
  });

  it.each([
    ['Cannot create an item in a locked collection', 'locked'],
    ['The prompt was dismissed', 'locked'],
    ['User interaction is not allowed.', 'locked'],
    ['The name org.freedesktop.secrets was not provided by any .service files', 'unavailable'],
  ])('takes a store that reads as empty and cannot be written for what it is: %s', async (reason, kind) => {
    const setPassword = async (): Promise<never> => await Promise.reject(new Error(reason));
    const store = storeOf({ setPassword });
    expect(await store.look('device-key')).toEqual({ kind, reason });
    await expect(readSecret(store, 'device-key')).rejects.toMatchObject({ code: 'SECRET_STORE_UNAVAILABLE' });
    await expect(store.keep('device-key', new Secret('x'))).rejects.toMatchObject({
      code: 'SECRET_STORE_UNAVAILABLE',
    });
  });

  it('is unavailable where the module is not installed, and says so without a fall back', async () => {
    const load = async (): Promise<never> => await Promise.reject(new Error("Cannot find package 'keytar'"));
    const store = new KeytarSecretStore({ profile: '/p', load });
    expect(await store.look('device-key')).toMatchObject({ kind: 'unavailable' });
    await expect(store.keep('device-key', new Secret('x'))).rejects.toMatchObject({
      code: 'SECRET_STORE_UNAVAILABLE',
      message: expect.stringContaining('keytar'),
    });
    await expect(store.forget('device-key')).rejects.toMatchObject({ code: 'SECRET_STORE_UNAVAILABLE' });
  });

  it('does not show a secret when it is printed', async () => {
    const { load } = memoryKeytar();
    const store = new KeytarSecretStore({ profile: '/p', load });
    await store.keep('device-key', new Secret('hush'));
    expect(JSON.stringify(await store.look('device-key'))).not.toContain('hush');
  });
});
