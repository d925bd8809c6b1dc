import { AppError } from '@daam/shared/errors/app-error';
import { expect, it, vi } from 'vitest';
import { samplePeer } from './sample-peer.ts';
import { type ListedSession, SessionTable } from './session-table.ts';

/** A session that stays until it is let go. */
function openSession(id: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ended: AppError[] = [];
  const session: ListedSession = {
    id: id as ListedSession['id'],
    peer: samplePeer,
    run: () => promise,
    end: (reason) => void ended.push(reason),
    viewChanged: () => Promise.resolve(),
  };
  return { session, ended, leave: resolve };
}

const first = '11111111-1111-4111-8111-111111111111';
const second = '22222222-2222-4222-8222-222222222222';

it('ends the one session that is meant, and answers when nothing of it is left', async () => {
  const table = new SessionTable();
  const [one, two] = [openSession(first), openSession(second)];
  const running = [table.run(one.session), table.run(two.session)];
  let answered = false;
  const answer = table.endOne({ session: second, reason: 'exports the whole table' });
  void answer.then(() => {
    answered = true;
  });
  await Promise.resolve();
  expect([one.ended.length, two.ended.length, answered]).toEqual([0, 1, false]);
  expect(two.ended[0]).toMatchObject({
    code: 'SESSION_ENDED',
    message: 'this session was ended by an administrator',
    hint: 'Reason: exports the whole table',
    entry: { sqlstate: '57P01' },
  });
  two.leave();
  expect((await answer).kind).toBe('ended');
  expect(table.size).toBe(1);
  one.leave();
  await Promise.all(running);
});

it('ends a session once, however often it is asked meanwhile', async () => {
  const table = new SessionTable();
  const one = openSession(first);
  const running = table.run(one.session);
  const answers = ['first', 'second'].map(async (reason) => await table.endOne({ session: first, reason }));
  one.leave();
  expect((await Promise.all(answers)).map(({ kind }) => kind)).toEqual(['ended', 'ended']);
  expect(one.ended.map(({ hint }) => hint)).toEqual(['Reason: first']);
  await running;
});

it('answers that it takes too long where something of a session stays, and may be asked again', async () => {
  vi.useFakeTimers();
  try {
    const table = new SessionTable();
    const one = openSession(first);
    const running = table.run(one.session);
    const answer = table.endOne({ session: first, reason: 'hangs' });
    await vi.runAllTimersAsync();
    expect(await answer).toEqual({ kind: 'failed', code: 'TIMEOUT' });
    const again = table.endOne({ session: first, reason: 'still hangs' });
    one.leave();
    expect((await again).kind).toBe('ended');
    await running;
  } finally {
    vi.useRealTimers();
  }
});

it('says of a session that it does not have, or not any more, that it is not open', async () => {
  const table = new SessionTable();
  const one = openSession(first);
  const running = table.run(one.session);
  expect(await table.endOne({ session: second, reason: 'mistaken' })).toEqual({ kind: 'not-open' });
  one.leave();
  await running;
  expect(await table.endOne({ session: first, reason: 'too late' })).toEqual({ kind: 'not-open' });
  expect(one.ended).toEqual([]);
});

it('tells how many sessions took a change, how many it ended, and ends those that are meant', async () => {
  const table = new SessionTable();
  const sessions = [openSession(first), openSession(second)] as const;
  const running = sessions.map(async ({ session }) => await table.run(session));
  const view = {} as Parameters<ListedSession['viewChanged']>[0];
  const told = await table.refresh('policy', ({ id }) => (id === first ? view : null));
  expect(told).toEqual({ updated: 1, ended: 1 });
  expect(table.endWhere(({ id }) => id === second, new AppError('REVOKED'))).toBe(1);
  expect(sessions.map(({ ended }) => ended.map(({ code }) => code))).toEqual([[], ['REVOKED']]);
  for (const { leave } of sessions) leave();
  await Promise.all(running);
});
