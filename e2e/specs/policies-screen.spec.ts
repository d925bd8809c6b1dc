/** The editor of policies over two thousand tables: by keyboard, many at once, narrow, and put in force by two. */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { sampleTime } from '@daam/desktop/ipc/testing/sample';
import { silentLogger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { overflowsSideways } from '../pages/accessibility.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import type { AskedRoute } from '../pages/samples/answers.ts';
import { sampleAnswer } from '../pages/samples/answers.ts';
import { idOf } from '../pages/samples/organization.ts';
import { type ScreensWorld, startScreens } from './screens-world.ts';

const tableCount = 2_000;
const tables = Array.from({ length: tableCount }, (_, at) => ({
  schema: 'wide',
  name: `t${String(at).padStart(4, '0')}`,
  kind: 'table',
  comment: null,
  columns: [{ name: 'id', type: 'bigint', comment: null, isNullable: false }],
}));

interface Saved {
  readonly document: {
    readonly policies: readonly { readonly grants: readonly { readonly table: string }[] }[];
  };
}

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  let browser: Browser;
  let assetsDir: string;
  let world: ScreensWorld | null = null;
  let asked: AskedRoute[] = [];

  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  }, 180_000);
  afterEach(async () => {
    await world?.[Symbol.asyncDispose]();
    world = null;
    asked = [];
  });
  afterAll(async () => await browser?.close());

  async function open(
    answers: (asked: AskedRoute) => unknown = () => undefined,
    width = 1_440,
  ): Promise<ScreensWorld> {
    world = await startScreens({
      browser,
      assetsDir,
      context: { viewport: { width, height: 900 } },
      answers: (question) => {
        asked.push(question);
        if (question.route === 'getSchema') return wideSchema(question);
        if (question.route === 'putPolicyDraft') return draftOf(question);
        if (question.route === 'listPolicyDrafts') return { items: [] };
        return answers(question);
      },
    });
    await world.show({
      route: '/admin/policies/$database',
      hash: '#/admin/policies/orders',
      heading: 'Policies of orders',
    });
    return world;
  }

  it('keeps few of two thousand tables in the document, and walks all of them by keyboard', async () => {
    const { app } = await open();
    const { page } = app;
    const tree = page.getByRole('treegrid', { name: 'Tables' });
    await tree.getByRole('row', { name: /wide\.t0000/ }).waitFor();
    expect(Number(await tree.getAttribute('aria-rowcount'))).toBeGreaterThan(tableCount);
    expect(await tree.getByRole('row').count()).toBeLessThan(80);
    await tree.getByRole('row', { name: /wide\.t0000/ }).click();
    await page.keyboard.press('End');
    const focused = page.locator('[role=row]:focus');
    await expect
      .poll(async () => await focused.getAttribute('aria-rowindex'))
      .toBe(await tree.getAttribute('aria-rowcount'));
    expect(await tree.getByRole('row').count()).toBeLessThan(80);
    expect(await app.accessibilityFindings()).toEqual([]);
  });

  it('grants a range of tables at once: Shift chooses, Space toggles an operation, a button sets them', async () => {
    const { app } = await open();
    const { page } = app;
    await page.getByRole('row', { name: /wide\.t0001/ }).click();
    for (const _ of [2, 3]) await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('3 tables chosen:').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    const select = (name: string) => page.getByRole('checkbox', { name: `select on wide.${name}` });
    for (const name of ['t0001', 't0002', 't0003']) {
      await expect.poll(async () => await select(name).getAttribute('aria-checked')).toBe('true');
    }
    expect(await select('t0004').getAttribute('aria-checked')).toBe('false');
    await page.getByRole('button', { name: 'Read & write' }).click();
    const removal = page.getByRole('checkbox', { name: 'delete on wide.t0002' });
    await expect.poll(async () => await removal.getAttribute('aria-checked')).toBe('true');
    expect(await app.accessibilityFindings()).toEqual([]);
    await page.getByRole('button', { name: 'None', exact: true }).click();
    await expect.poll(async () => await select('t0002').getAttribute('aria-checked')).toBe('false');
    const saved = () => asked.filter(({ route }) => route === 'putPolicyDraft').length;
    await expect.poll(saved).toBeGreaterThan(0);
    await expect.poll(() => lastGrants().filter((table) => table.startsWith('wide.'))).toEqual([]);
  });

  it('stacks the rows of a narrow window, and nothing scrolls sideways', async () => {
    const { app } = await open(undefined, 390);
    const { page } = app;
    await page.getByRole('row', { name: /wide\.t0000/ }).waitFor();
    expect(await overflowsSideways(page)).toBe(false);
    const row = page.getByRole('row', { name: /wide\.t0000/ });
    const cells = await row.getByRole('gridcell').all();
    const tops = await Promise.all(cells.map(async (cell) => (await cell.boundingBox())?.y ?? 0));
    expect(tops[1]).toBeGreaterThan(tops[0] ?? 0);
    expect(new Set(tops.slice(1)).size).toBe(1);
    expect(await app.accessibilityFindings()).toEqual([]);
  });

  it('leads to the touch on the control plane’s page, and tells what the agents did with it', async () => {
    const id = idOf(77);
    let isTouched = false;
    const { app } = await open(({ route }) => {
      if (route === 'publishPolicyDraft') throw new AppError('TOUCH_REQUIRED');
      if (route === 'beginPublication') {
        return { id, url: 'https://daam.example/publish#secret', expiresAt: '2031-01-01T00:00:00.000Z' };
      }
      if (route !== 'listPolicyRevisions' || !isTouched) return undefined;
      const { items } = sampleAnswer({ route }) as { items: readonly object[] };
      return { items: [{ ...items[0], publication: id, epoch: 12 }], next: null };
    });
    const { page } = app;
    await changeOneTable(app);
    await page.getByRole('button', { name: 'Review & publish' }).click();
    await page.getByLabel('Why is this changed?').fill('Support reads one more');
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    const link = page.getByRole('link', { name: 'Continue in the browser' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe('https://daam.example/publish#secret');
    expect(await app.accessibilityFindings()).toEqual([]);
    isTouched = true;
    await page.getByText(/agents? on it/).waitFor();
    await page.getByText(/open sessions updated, \d+ ended/).waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('proposes where it takes two, and shows others’ proposals with what they change', async () => {
    const author = { id: idOf(78), email: 'ben@example.com' };
    const proposal = {
      ...(sampleAnswer({ route: 'getPolicyProposal' }) as object),
      id: idOf(79),
      state: 'open',
      author,
      base: 12,
      comment: 'Less for contractors',
      closedBy: null,
      closedAt: null,
      note: null,
    };
    const { app } = await open(({ route }) => {
      if (route === 'getPolicySettings') return { touch: 'auto', secondApprover: true };
      if (route === 'listPolicyProposals') return { items: [proposal], next: null };
      return route === 'getPolicyProposal' ? proposal : undefined;
    });
    const { page } = app;
    await page.getByRole('button', { name: /^Review.*ben@example\.com/ }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('button', { name: 'Publish', exact: true }).waitFor();
    expect(await sheet.getByRole('button', { name: 'Decline' }).getAttribute('aria-disabled')).toBe('true');
    expect(await app.accessibilityFindings()).toEqual([]);
    await page.keyboard.press('Escape');
    await changeOneTable(app);
    await page.getByRole('button', { name: 'Review & publish' }).click();
    await page.getByLabel('Why is this changed?').fill('Support reads one more');
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.getByText('Another administrator reviews and publishes it.').waitFor();
    expect(asked.filter(({ route }) => route === 'publishPolicyDraft')).toEqual([]);
    expect(asked.filter(({ route }) => route === 'proposePolicies')).toMatchObject([
      { body: { comment: 'Support reads one more' } },
    ]);
  });

  it('shows what was, mine and theirs side by side for each table, and waits until each is decided', async () => {
    const difference = { isSame: true, policies: [] };
    const conflict = (part: string, key: string, values: object): object => ({
      policy: 'support',
      part,
      key,
      ...values,
    });
    const conflicts = [
      conflict('masks', 'wide.t0000.email', {
        base: [{ preset: 'email' }],
        mine: [{ preset: 'redact' }],
        theirs: [{ preset: 'null' }],
      }),
      conflict('grants', 'wide.t0000', { base: ['select'], mine: ['select', 'update'], theirs: null }),
      conflict('grants', 'wide.t0001', { base: ['select'], mine: null, theirs: ['select', 'insert'] }),
    ];
    const { app } = await open(({ route }) => {
      if (route === 'publishPolicyDraft') throw new AppError('CONFLICT');
      if (route === 'compareDraftWithOthers')
        return { base: 12, current: 13, mine: difference, theirs: difference, conflicts };
      return undefined;
    });
    const { page } = app;
    await changeOneTable(app);
    await page.getByRole('button', { name: 'Review & publish' }).click();
    await page.getByLabel('Why is this changed?').fill('Support reads one more');
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    const first = page.getByRole('table', { name: 'support · wide.t0000' });
    await first.waitFor();
    expect(await first.getByRole('row').allTextContents()).toEqual([
      'WhatBeforeMineTheirs',
      'mask of emailBeforeemailMineredactTheirshidden',
      'operationsBeforeselectMineselect, updateTheirsnothing granted',
    ]);
    const bring = page.getByRole('button', { name: 'Bring my draft onto revision 13' });
    expect(await bring.getAttribute('aria-disabled')).toBe('true');
    await page
      .getByRole('group', { name: 'Whose holds for support · wide.t0000' })
      .getByRole('radio')
      .first()
      .focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await app.accessibilityFindings()).toEqual([]);
    await bring.click();
    await expect
      .poll(() => asked.filter(({ route }) => route === 'rebasePolicyDraft').map(({ body }) => body))
      .toMatchObject([
        {
          decisions: [
            { part: 'masks', key: 'wide.t0000.email', take: 'theirs' },
            { part: 'grants', key: 'wide.t0000', take: 'theirs' },
            { part: 'grants', key: 'wide.t0001', take: 'mine' },
          ],
        },
      ]);
  });

  async function changeOneTable({ page }: ScreensWorld['app']): Promise<void> {
    await page.getByRole('checkbox', { name: 'select on wide.t0000' }).click();
    await page.getByText('Draft saved').waitFor();
  }

  function lastGrants(): readonly string[] {
    const saved = asked.findLast(({ route }) => route === 'putPolicyDraft')?.body as Saved | undefined;
    return (saved?.document.policies ?? []).flatMap(({ grants }) => grants.map(({ table }) => table));
  }
});

function wideSchema(question: AskedRoute): unknown {
  const answer = sampleAnswer(question) as { readonly received: object | null };
  return { ...answer, received: { ...answer.received, tables } };
}

/** A draft that is saved is what was sent. */
function draftOf(question: AskedRoute): unknown {
  const { document, edition } = question.body as { readonly document: object; readonly edition: number };
  return {
    author: { id: idOf(1), email: 'dev@example.com' },
    base: 12,
    current: 12,
    isStale: false,
    edition: edition + 1,
    text: 'database: orders\n',
    document,
    problems: [],
    createdAt: sampleTime,
    updatedAt: sampleTime,
  };
}
