import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EndSessionAnswer, EndSessionQuestion } from '@daam/shared/api/end-session';
import type { ExplainAnswer, ExplainQuestion } from '@daam/shared/api/explain';
import type { AgentMessage } from '@daam/shared/api/feed';
import type { JudgeAnswer, JudgeQuestion } from '@daam/shared/api/judge';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { signBundle } from '@daam/shared/identity/bundle';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { sampleAudience, sampleBundle, sampleNow } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ControlLink } from './control-link.ts';
import { FakeControlPlane } from './testing/fake-control-plane.ts';

const key = generateSigningKey();
const user = '00000000-0000-4000-8000-000000000004';
let folder: string;
let plane: FakeControlPlane;
let link: ControlLink | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-questions-'));
  plane = new FakeControlPlane({
    key,
    token: 'daam_reg_one',
    credential: 'daam_agt_long',
    identity: {
      agentId: sampleAudience.agent,
      database: { id: sampleAudience.database, name: 'shop' },
      org: { id: sampleAudience.org, name: 'Example' },
    },
  });
  plane.bundle = await signBundle(sampleBundle(key, { epoch: 1 }), key);
  await plane.start();
  link = null;
});

afterEach(async () => {
  await link?.[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function start(
  explain?: (question: ExplainQuestion) => Promise<ExplainAnswer>,
  judge?: (question: JudgeQuestion) => Promise<JudgeAnswer>,
  endSession?: (question: EndSessionQuestion) => Promise<EndSessionAnswer>,
): Promise<void> {
  link = await ControlLink.start({
    config: {
      url: plane.url,
      authToken: new Secret('daam_reg_one'),
      credentialPath: join(folder, 'credential.json'),
      policyCachePath: join(folder, 'bundle.json'),
    },
    version: '0.1.0',
    listen: () => null,
    logger: silentLogger,
    clock: { now: () => sampleNow },
    ...(explain === undefined ? {} : { explain }),
    ...(judge === undefined ? {} : { judge }),
    ...(endSession === undefined ? {} : { endSession }),
  });
  await plane.acknowledged(1);
}

const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function ask(number: number, sql = 'select 1'): void {
  plane.send({ type: 'explain', id: idOf(number), user, sql, full: false });
}

function answers(): readonly Extract<AgentMessage, { type: 'explained' }>[] {
  return plane.messages.filter((message) => message.type === 'explained');
}

const failed = (code: 'NO_POLICY' | 'UNSUPPORTED' | 'AGENT_UNAVAILABLE' | 'INTERNAL'): ExplainAnswer => ({
  kind: 'failed',
  code,
});

it('says in its greeting that it can explain, and answers questions by their id', async () => {
  const asked: ExplainQuestion[] = [];
  await start(async (question) => {
    asked.push(question);
    return failed('NO_POLICY');
  });
  expect(plane.messages[0]).toMatchObject({ type: 'hello', can: ['explain'] });
  ask(1, 'select 1');
  ask(2, 'select 2');
  await plane.until(() => answers().length === 2);
  expect(asked.map(({ sql }) => sql)).toEqual(['select 1', 'select 2']);
  expect(answers().map(({ id, answer }) => [id, answer])).toEqual([
    [idOf(1), failed('NO_POLICY')],
    [idOf(2), failed('NO_POLICY')],
  ]);
});

it('answers a question that fails, and one that it cannot answer at all', async () => {
  await start(() => Promise.reject(new TypeError('broken')));
  ask(1);
  await plane.until(() => answers().length === 1);
  expect(answers()[0]?.answer).toEqual(failed('INTERNAL'));
  await link?.[Symbol.asyncDispose]();
  await start();
  const greetings = () => plane.messages.filter(({ type }) => type === 'hello');
  await plane.until(() => greetings().length === 2);
  expect(JSON.stringify(greetings()[1])).not.toContain('explain');
  ask(2);
  await plane.until(() => answers().length === 2);
  expect(answers()[1]?.answer).toEqual(failed('UNSUPPORTED'));
});

it('takes policies while it answers, and refuses more questions than it can bear', async () => {
  const open: (() => void)[] = [];
  await start(
    async () =>
      await new Promise((resolve) => {
        open.push(() => resolve(failed('NO_POLICY')));
      }),
  );
  for (let number = 1; number <= 17; number += 1) ask(number);
  await plane.until(() => answers().length === 1);
  expect(answers()[0]).toMatchObject({ id: idOf(17), answer: failed('AGENT_UNAVAILABLE') });
  plane.push(await signBundle(sampleBundle(key, { epoch: 2 }), key));
  await plane.acknowledged(2);
  for (const answer of open) answer();
  await plane.until(() => answers().length === 17);
});

it('judges statements under policies that are not in force, and answers by the same id', async () => {
  const policy = { database: 'shop', grants: [], masks: [], rowFilters: [], limits: {}, policies: [] };
  const asked: JudgeQuestion[] = [];
  await start(undefined, async (question) => {
    asked.push(question);
    return await Promise.resolve({ kind: 'judged' as const, statements: [null] });
  });
  expect(plane.messages[0]).toMatchObject({ type: 'hello', can: ['judge'] });
  plane.send({ type: 'judge', id: idOf(5), before: policy, after: policy, statements: ['select 1'] });
  const judged = () => plane.messages.filter((message) => message.type === 'judged');
  await plane.until(() => judged().length === 1);
  expect(judged()[0]).toMatchObject({ id: idOf(5), answer: { kind: 'judged', statements: [null] } });
  expect(asked.map(({ statements }) => statements)).toEqual([['select 1']]);
});

it('ends a session though it answers as many other questions as it can bear', async () => {
  const open: (() => void)[] = [];
  await start(
    async () =>
      await new Promise((resolve) => {
        open.push(() => resolve(failed('NO_POLICY')));
      }),
    undefined,
    () => Promise.resolve({ kind: 'ended', tookMs: 1 }),
  );
  for (let number = 1; number <= 17; number += 1) ask(number);
  await plane.until(() => answers().length === 1);
  plane.send({ type: 'end-session', id: idOf(30), session: idOf(31), reason: 'left open' });
  const ended = () => plane.messages.filter((message) => message.type === 'session-ended');
  await plane.until(() => ended().length === 1);
  expect(ended()[0]?.answer).toEqual({ kind: 'ended', tookMs: 1 });
  for (const answer of open) answer();
  await plane.until(() => answers().length === 17);
});

it('ends a session when it is told to, and answers by the same id', async () => {
  const asked: EndSessionQuestion[] = [];
  await start(undefined, undefined, async (question) => {
    asked.push(question);
    return await Promise.resolve(
      question.session === idOf(1) ? { kind: 'ended' as const, tookMs: 4 } : { kind: 'not-open' as const },
    );
  });
  expect(plane.messages[0]).toMatchObject({ type: 'hello', can: ['end-session'] });
  plane.send({ type: 'end-session', id: idOf(7), session: idOf(1), reason: 'left open' });
  plane.send({ type: 'end-session', id: idOf(8), session: idOf(2), reason: 'left open' });
  const ended = () => plane.messages.filter((message) => message.type === 'session-ended');
  await plane.until(() => ended().length === 2);
  expect(ended().map(({ id, answer }) => [id, answer])).toEqual([
    [idOf(7), { kind: 'ended', tookMs: 4 }],
    [idOf(8), { kind: 'not-open' }],
  ]);
  expect(asked.map(({ reason }) => reason)).toEqual(['left open', 'left open']);
});
