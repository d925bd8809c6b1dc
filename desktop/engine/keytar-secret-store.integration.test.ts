/** The module itself, where somebody has installed it: it is no dependency, so most runs have nothing to look at. */
import { randomUUID } from 'node:crypto';
import { Secret } from '@daam/shared/base/secret';
import { describe, expect, it } from 'vitest';
import { KeytarSecretStore } from './keytar-secret-store.ts';

const store = new KeytarSecretStore({ profile: `test of ${randomUUID()}` });
const found = await store.look('api-token');

describe.skipIf(found.kind !== 'missing')(
  'the module keytar, which must be installed and have a keyring,',
  () => {
    it('keeps, gives and forgets, and says of nothing that there is something', async () => {
      await store.keep('api-token', new Secret('of a test'));
      try {
        expect(await store.look('api-token')).toMatchObject({ kind: 'found' });
        expect(await store.look('device-key')).toEqual({ kind: 'missing' });
      } finally {
        await store.forget('api-token');
      }
      expect(await store.look('api-token')).toEqual({ kind: 'missing' });
    });
  },
);
