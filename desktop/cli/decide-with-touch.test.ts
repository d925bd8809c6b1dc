import { PassThrough } from 'node:stream';
import type { ApiClient } from '@daam/shared/api/client';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import type { CommandContext, InterruptSignal } from './command.ts';
import { decideWithTouch } from './decide-with-touch.ts';

const decided = { approval: { mine: false } } as RequestView;
const waiting = { approval: { mine: true } } as RequestView;

function start(
  options: { readonly url?: string; readonly looks?: readonly RequestView[]; readonly ms?: number } = {},
) {
  const { url = 'http://localhost:7400/approve#secret', looks = [decided], ms = 60_000 } = options;
  const asked: unknown[] = [];
  const left = [...looks];
  const client = {
    beginDecision: async (request: unknown) => {
      asked.push(request);
      return { url, expiresAt: new Date(Date.now() + ms).toISOString() };
    },
    getRequest: async () => left.shift() ?? waiting,
  } as unknown as ApiClient;
  const stderr = new PassThrough();
  let interrupt: (signal: InterruptSignal) => void = () => {};
  const context = {
    values: { 'no-browser': true },
    json: false,
    stderr,
    onSignal: (listener: typeof interrupt) => {
      interrupt = listener;
      return () => {};
    },
  } as unknown as CommandContext;
  const said = (): string => String(stderr.read() ?? '');
  return { asked, client, context, said, interrupt: () => interrupt('SIGINT') };
}

const touchRequired = async (): Promise<RequestView> => Promise.reject(new AppError('TOUCH_REQUIRED'));
const deny = { id: 'r1', body: { decision: 'deny', note: 'No.' }, decide: touchRequired } as const;

describe('a decision at a terminal', () => {
  it('that needs no touch is made at once', async () => {
    const { asked, client, context } = start();
    await expect(decideWithTouch(context, client, { ...deny, decide: async () => decided })).resolves.toBe(
      decided,
    );
    expect(asked).toEqual([]);
  });

  it('fails as it failed where a touch is not what is missing', async () => {
    const { asked, client, context } = start();
    const decide = async (): Promise<RequestView> => Promise.reject(new AppError('FORBIDDEN'));
    await expect(decideWithTouch(context, client, { ...deny, decide })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(asked).toEqual([]);
  });

  it('by a touch shows its page and waits until the request shows the decision', async () => {
    const { asked, client, context, said } = start({ looks: [waiting, decided] });
    await expect(decideWithTouch(context, client, deny)).resolves.toBe(decided);
    expect(asked).toEqual([{ params: { id: 'r1' }, body: deny.body }]);
    expect(said()).toContain('http://localhost:7400/approve#secret');
  });

  it.each(['http://evil.example/x', 'file:///etc/passwd', 'javascript:1', 'smb://x/y'])(
    'opens no page at %s',
    async (url) => {
      const { client, context, said } = start({ url });
      await expect(decideWithTouch(context, client, deny)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(said()).toBe('');
    },
  );

  it('ends when nobody touches in time, and at Ctrl-C', async () => {
    const late = start({ looks: [], ms: 100 });
    await expect(decideWithTouch(late.context, late.client, deny)).rejects.toMatchObject({ code: 'TIMEOUT' });
    const stopped = start({ looks: [] });
    const waitingFor = decideWithTouch(stopped.context, stopped.client, deny);
    setTimeout(stopped.interrupt, 50);
    await expect(waitingFor).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
