/** Asking for access, deciding on it and what became of it, over a control plane that answers from samples. */
import type { RequestView } from '@daam/shared/api/routes/requests';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { type AppWorld, type AppWorldOptions, me, sampleRequest, startApp } from './app-world.ts';

let browser: Browser;
let assetsDir: string;
let world: AppWorld;

const other = { id: '0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a02', email: 'mina@example.com' };
const idOf = (n: number): string => `0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1b${String(n).padStart(2, '0')}`;
const mine = { ...sampleRequest().approval, mine: true, required: 2 };
const statement = 'select email from public.customers';

/** A request of Mina that waits for the administrator. */
function waiting(n: number, changes: Partial<RequestView> = {}): RequestView {
  const reason = `Checking refunds\n\nStatement:\n${statement}`;
  return sampleRequest({ id: idOf(n), requester: other, approval: mine, reason, ...changes });
}

const context = {
  requester: { groups: ['support'], devices: ['laptop'], lastSignInAt: null },
  difference: {
    tables: [
      {
        schema: 'public',
        table: 'customers',
        gained: [],
        lost: [],
        isFilterChanged: false,
        columns: [
          {
            columns: ['email'],
            before: { state: 'masked', preset: 'email' },
            after: { state: 'clear', preset: null },
            effect: 'gain',
          },
        ],
      },
    ],
    more: 0,
    isReported: true,
  },
  statement: {
    text: statement,
    marks: [{ from: 7, to: 12, column: 'public.customers.email', preset: 'email', isCleared: true }],
  },
  similar: [
    waiting(90, { state: 'denied', ended: { by: me, at: '2030-01-14T09:41:00.000Z', note: 'use the mask' } }),
  ],
};
const approval = { people: [other], total: 1, automatic: false, required: 1, escalation: null };

async function start(options: Omit<AppWorldOptions, 'browser' | 'assetsDir'>): Promise<AppWorld['app']> {
  world = await startApp({ browser, assetsDir, ...options });
  return world.app;
}

const bodiesOf = (route: string) =>
  world.asked.filter((asked) => asked.route === route).map(({ body }) => body);

beforeAll(async () => {
  if (findBrowser() === null) return;
  [browser, assetsDir] = await Promise.all([launchBrowser(), ensureRendererBuilt({ logger: silentLogger })]);
});
afterEach(async () => await world[Symbol.asyncDispose]());
afterAll(async () => await browser?.close());

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed, who asks', () => {
  const account = { role: 'member', userId: me.id } as const;

  it('sees who decides and how long that takes, and may ask for less that needs nobody', async () => {
    const less = { tables: [{ table: 'public.payments', operations: ['select'] }] };
    const app = await start({
      account,
      answers: {
        previewRequest: () => ({
          approval,
          usual: { minutes: 24, of: 12 },
          pendingMinutes: 1_440,
          alternatives: [{ access: less, minutes: 30 }],
        }),
      },
    });
    await app.go('#/requests/new', 'Request access');
    const { page } = app;
    await page.getByLabel('Database').fill('orders');
    await page.getByRole('textbox', { name: 'Tables', exact: true }).fill('public.payments');
    await page.getByRole('checkbox', { name: 'update' }).check();
    const outlook = page.getByRole('region', { name: 'Who decides' });
    await outlook.getByText('One of these approves: mina@example.com.').waitFor();
    await outlook.getByText('Usually decided in 24 min (the middle of the last 12).').waitFor();
    expect(await app.accessibilityFindings()).toEqual([]);
    await outlook.getByRole('button', { name: 'Ask for this instead' }).click();
    await expect.poll(() => page.getByRole('checkbox', { name: 'update' }).isChecked()).toBe(false);
    await page.getByLabel('Reason').fill('Checking the refunds of last week');
    await app.button('Send request').click();
    await expect.poll(() => bodiesOf('createRequest')).toMatchObject([{ access: less, minutes: 30 }]);
  });

  it('asks again after a denial with what was asked for, and reads why it was denied', async () => {
    const ended = { by: other, at: '2030-01-15T09:00:00.000Z', note: 'Ask for the masked table.' };
    const denied = sampleRequest({
      state: 'denied',
      ended,
      reason: `Because of refunds\n\nStatement:\n${statement}`,
    });
    const app = await start({ account, requests: [denied] });
    await app.go(`#/requests/${denied.id}`, 'Request for orders');
    await app.button('Ask again with…').click();
    await app.page.getByText('Ask for the masked table.').waitFor();
    expect(await app.page.getByRole('textbox', { name: 'Tables', exact: true }).inputValue()).toBe(
      'public.payments',
    );
    expect(await app.page.getByLabel('Reason').inputValue()).toBe('Because of refunds');
    expect(await app.page.getByLabel('Statement, for the approvers').inputValue()).toBe(statement);
  });

  it('ends a window early only after a question, and asks for more time from its end on', async () => {
    const window = { startsAt: '2030-01-15T09:00:00.000Z', endsAt: '2100-01-15T10:00:00.000Z' };
    const active = sampleRequest({ state: 'active', window });
    const app = await start({
      account,
      requests: [active],
      answers: {
        revokeRequest: () => active,
        extendRequest: () => sampleRequest({ id: idOf(1), extends: active.id }),
      },
    });
    await app.go('#/requests?list=active', 'Requests');
    await app.button('Extend orders').click();
    const dialog = app.page.getByRole('dialog', { name: 'Extend access to orders' });
    await dialog.getByRole('button', { name: 'Ask for more time' }).click();
    await dialog.getByText('Say why in at least 10 characters.').waitFor();
    expect(bodiesOf('extendRequest')).toEqual([]);
    await dialog.getByLabel('Why more time').fill('The refunds are not all found');
    expect(await app.accessibilityFindings()).toEqual([]);
    await dialog.getByRole('button', { name: 'Ask for more time' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(bodiesOf('extendRequest')).toEqual([{ minutes: 60, reason: 'The refunds are not all found' }]);
    await app.button('End early orders').click();
    expect(bodiesOf('revokeRequest')).toEqual([]);
    await app.page.getByRole('dialog').getByRole('button', { name: 'End access' }).click();
    await expect.poll(() => bodiesOf('revokeRequest').length).toBe(1);
  });

  it('reads their own statements and sessions as the audit has them', async () => {
    const database = { id: idOf(2), name: 'orders' };
    const row = {
      agent: idOf(3),
      at: '2030-01-15T09:40:00.000Z',
      session: 's1',
      database,
      isTruncated: false,
      class: 'read',
      rule: null,
      sqlstate: null,
      tables: [{ schema: 'public', name: 'customers', operation: 'select', masked: true }],
      end: { at: '2030-01-15T09:40:01.000Z', durationMs: 12, rows: 3, sqlstate: null },
    };
    const first = { ...row, seq: 2, text: '<img src=x onerror=document.title=1>', decision: 'allow' };
    const second = {
      ...row,
      seq: 1,
      text: 'select * from hr.salaries',
      decision: 'deny',
      sqlstate: '42501',
      end: null,
    };
    const app = await start({
      account,
      answers: {
        listMyStatements: ({ query }) =>
          query?.['after'] === undefined ? { items: [first], next: 'more' } : { items: [second], next: null },
        listMySessions: () => ({ items: [], next: null }),
      },
    });
    await app.go('#/activity', 'Activity');
    const table = app.page.getByRole('table', { name: 'My statements' });
    await table.getByText('<img src=x').waitFor();
    await table.getByText('masked: public.customers').waitFor();
    await app.button('Show earlier ones').click();
    await table.getByText('refused 42501').waitFor();
    expect(await table.getByRole('row').count()).toBe(3);
    expect(await app.accessibilityFindings()).toEqual([]);
    await app.page.getByText('Sessions', { exact: true }).click();
    await app.page.getByText('The audit has no session of yours yet').waitFor();
    expect(app.complaints).toEqual([]);
  });
});

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed, who decides', () => {
  const account = { role: 'admin', userId: me.id } as const;
  const unmask = {
    policy: null,
    access: { unmask: [{ column: 'public.customers.email' }] },
    minutes: 240,
    startAt: null,
  };

  it('reads the difference, the masked words, what came before, and gives less by keys alone', async () => {
    const app = await start({
      account,
      requests: [waiting(1, { asked: unmask, granted: unmask }), waiting(2, { requester: me })],
      answers: { getRequestContext: () => context },
    });
    await app.go('#/admin/inbox', 'Inbox');
    const { page } = app;
    await page.getByRole('heading', { name: 'mina@example.com asks for orders' }).waitFor();
    await page.getByRole('region', { name: 'Difference' }).getByText('masked: email').waitFor();
    expect(await page.getByRole('region', { name: 'Statement' }).locator('mark').allTextContents()).toEqual([
      'email',
    ]);
    await page.getByText('Approval 2 of 2 is missing').waitFor();
    await page.getByText('“use the mask”').waitFor();
    expect(await app.accessibilityFindings()).toEqual([]);
    await page.getByRole('combobox', { name: 'Mask of public.customers.email' }).click();
    await page.getByRole('option', { name: 'masked by email' }).click();
    await page.getByRole('heading', { level: 1, name: 'Inbox' }).focus();
    await page.keyboard.press('x');
    await expect
      .poll(() => page.getByLabel('Note').evaluate((note) => note === document.activeElement))
      .toBe(true);
    await page.keyboard.type('a x');
    expect(bodiesOf('approveRequest')).toEqual([]);
    await page.getByRole('heading', { level: 1, name: 'Inbox' }).focus();
    expect(await app.button('Approve').getAttribute('aria-keyshortcuts')).toBe('a');
    await page.keyboard.press('a');
    await page.getByRole('link', { name: 'Continue in the browser' }).waitFor();
    const access = { tables: [], unmask: [{ column: 'public.customers.email', to: 'email' }] };
    expect(bodiesOf('beginDecision')).toEqual([{ decision: 'approve', note: 'a x', access }]);
    await page.getByRole('heading', { level: 1, name: 'Inbox' }).focus();
    await page.keyboard.press('c');
    await expect
      .poll(() => page.getByLabel('Say something').evaluate((field) => field === document.activeElement))
      .toBe(true);
    expect(app.complaints).toEqual([]);
  });

  const touchPage = {
    url: 'https://daam.example.com/approve#secret',
    expiresAt: '2100-01-01T00:00:00.000Z',
  };

  it('decides on several of one person together once each was opened, by one touch', async () => {
    const app = await start({
      account,
      requests: [waiting(1), waiting(2), waiting(3, { database: { id: idOf(9), name: 'billing' } })],
      answers: {
        getRequestContext: () => context,
        beginDecisions: () => touchPage,
      },
    });
    await app.go('#/admin/inbox', 'Inbox');
    const { page } = app;
    const together = page.getByRole('region', { name: 'Also waiting from them for this database' });
    await together.getByText('Open each of them first: 1 not opened yet.').waitFor();
    const all = together.getByRole('button', { name: 'Approve all 2 as asked' });
    expect(await all.getAttribute('aria-disabled')).toBe('true');
    await all.dispatchEvent('click');
    expect(bodiesOf('approveRequest')).toEqual([]);
    await page.getByRole('heading', { level: 1, name: 'Inbox' }).focus();
    await page.keyboard.press('j');
    await expect.poll(() => page.url()).toContain(idOf(2));
    await together.getByText('not opened', { exact: true }).waitFor({ state: 'detached' });
    await all.click();
    await together.getByText('Touch your passkey to approve all 2').waitFor();
    const body = { decision: 'approve' };
    expect(bodiesOf('beginDecisions')).toEqual([
      {
        decisions: [
          { request: idOf(1), body },
          { request: idOf(2), body },
        ],
      },
    ]);
  });

  it('denies several of one person together, for one reason, by one touch', async () => {
    const app = await start({
      account,
      requests: [waiting(1), waiting(2)],
      answers: {
        getRequestContext: () => context,
        denyRequest: () => {
          throw new AppError('TOUCH_REQUIRED');
        },
        beginDecisions: () => touchPage,
      },
    });
    await app.go('#/admin/inbox', 'Inbox');
    const { page } = app;
    const together = page.getByRole('region', { name: 'Also waiting from them for this database' });
    await together.getByText('Open each of them first: 1 not opened yet.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Inbox' }).focus();
    await page.keyboard.press('j');
    await expect.poll(() => page.url()).toContain(idOf(2));
    await together.getByText('not opened', { exact: true }).waitFor({ state: 'detached' });
    const all = together.getByRole('button', { name: 'Deny all 2' });
    expect(await all.getAttribute('aria-disabled')).toBe('true');
    await all.dispatchEvent('click');
    expect(bodiesOf('denyRequest')).toEqual([]);
    await together.getByLabel('Reason for denying all').fill(' use the report instead ');
    await all.click();
    await together.getByText('Touch your passkey to deny all 2').waitFor();
    const body = { decision: 'deny', note: 'use the report instead' };
    expect(bodiesOf('beginDecisions')).toEqual([
      {
        decisions: [
          { request: idOf(1), body },
          { request: idOf(2), body },
        ],
      },
    ]);
    expect(app.complaints).toEqual([]);
  });

  it('tries the rules of the form before they are saved', async () => {
    const settings = {
      discoverable: [],
      maxMinutes: 480,
      pendingMinutes: 1_440,
      freshSignIn: { required: 'auto', minutes: 15 },
      decisions: 'touch',
      emergency: { enabled: false, anyone: false, groups: [], maxMinutes: 60 },
      rules: [],
    };
    const app = await start({
      account,
      answers: {
        getRequestSettings: () => settings,
        listDatabases: () => ({ items: [{ id: idOf(2), name: 'orders' }] }),
        listGroups: () => ({ items: [] }),
        listUsers: () => ({ items: [] }),
        checkRequestRules: () => ({ ...approval, rule: 0, escalation: { ...approval, minutes: 30 } }),
        putRequestSettings: () => {
          throw new AppError('INVALID_INPUT');
        },
      },
    });
    await app.go('#/admin/settings', 'Settings of the organization');
    const { page } = app;
    await page.getByRole('tab', { name: 'Requests & approvals' }).click();
    await app.button('Add rule').click();
    await page.getByText('For every request').click();
    await page.getByLabel('Tables of rule 1').fill('sales.*');
    expect(await app.accessibilityFindings()).toEqual([]);
    await app.button('Check').click();
    await page.getByText('Rule 1 fits it.').waitFor();
    await page
      .getByText(/One of these approves: mina@example\.com\. Without a decision after 30 min/)
      .waitFor();
    expect(bodiesOf('checkRequestRules')).toMatchObject([
      {
        database: idOf(2),
        access: { tables: [{ table: '*.*', operations: ['select'] }] },
        rules: [{ within: { tables: [{ table: 'sales.*', operations: ['select'] }] } }],
      },
    ]);
  });
});
