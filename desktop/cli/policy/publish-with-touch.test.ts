import { PassThrough } from 'node:stream';
import type { ApiClient } from '@daam/shared/api/client';
import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../command.ts';
import { publishWithTouch } from './publish-with-touch.ts';

const state = { revision: 8 } as Awaited<ReturnType<ApiClient['getPolicies']>>;
const body = { kind: 'document', text: 'database: shop\n', comment: 'why' } as const;

function start(revisions: readonly (readonly string[])[]) {
  const asked: unknown[] = [];
  const left = [...revisions];
  const client = {
    beginPublication: async (request: unknown) => {
      asked.push(request);
      const expiresAt = new Date(Date.now() + 60_000).toISOString();
      return { id: 'p1', url: 'http://localhost:7400/publish#secret', expiresAt };
    },
    listPolicyRevisions: async () => ({
      items: (left.shift() ?? []).map((publication) => ({ publication })),
    }),
    getPolicies: async () => state,
  } as unknown as ApiClient;
  const stderr = new PassThrough();
  const context = {
    values: { 'no-browser': true },
    json: false,
    stderr,
    onSignal: () => () => {},
  } as unknown as CommandContext;
  return { asked, client, context, said: () => String(stderr.read() ?? '') };
}

describe('a publication at a terminal', () => {
  it('that needs no touch is made at once', async () => {
    const { asked, client, context } = start([]);
    const publish = async () => state;
    await expect(publishWithTouch(context, client, { database: 'shop', body, publish })).resolves.toBe(state);
    expect(asked).toEqual([]);
  });

  it('fails as it failed where a touch is not what is missing', async () => {
    const { asked, client, context } = start([]);
    const publish = async () => await Promise.reject(new AppError('SECOND_PERSON_REQUIRED'));
    await expect(
      publishWithTouch(context, client, { database: 'shop', body, publish }),
    ).rejects.toMatchObject({ code: 'SECOND_PERSON_REQUIRED' });
    expect(asked).toEqual([]);
  });

  it('by a touch shows its page and waits for its own revision, not for somebody else’s', async () => {
    const { asked, client, context, said } = start([['other'], ['p1', 'other']]);
    const publish = async () => await Promise.reject(new AppError('TOUCH_REQUIRED'));
    await expect(publishWithTouch(context, client, { database: 'shop', body, publish })).resolves.toBe(state);
    expect(asked).toEqual([{ params: { database: 'shop' }, body }]);
    expect(said()).toContain(
      'Your passkey publishes. Open this page:\n\n  http://localhost:7400/publish#secret',
    );
  });
});
