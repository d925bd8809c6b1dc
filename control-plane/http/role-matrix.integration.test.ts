import { readFileSync } from 'node:fs';
import { serviceScope } from '@daam/shared/api/service-scopes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  browserOf,
  callRoute,
  contractOf,
  type Credential,
  fillPath,
  type RouteAnswer,
  routeNames,
  securityOf,
} from '../testing/every-route.ts';
import { addDatabase, addUser, bootstrapOrg, startTestControlPlane } from '../testing/start.ts';
import type { TestControlPlane } from '../testing/start.ts';
import type { ContractName } from './contracts.ts';

/**
 * Every route is called as everybody, with an empty body and ids that nothing has: who gets past the guard is compared
 * with docs/access-matrix.md, which is reviewed. After a change of the table: `npx vitest run -u` on this file, and
 * read what changed there.
 */
const callers = [
  'nobody',
  'member',
  'auditor',
  'admin',
  'console',
  'other admin',
  'service',
  'service admin',
  'agent',
] as const;
type Caller = (typeof callers)[number];

/** `yes`: past the guard; 401: not known; 403: known, and not allowed. */
type Outcome = 'yes' | '401' | '403';

let plane: TestControlPlane;
const credentials = new Map<Caller, Credential>();
const matrix = new Map<ContractName, Map<Caller, Outcome>>();
const unanswered: string[] = [];

beforeAll(async () => {
  plane = await startTestControlPlane();
  const { admin, adminToken } = await bootstrapOrg(plane, 'Matrix');
  const other = await bootstrapOrg(plane, 'Elsewhere');
  const auditor = await addUser(plane, admin, 'auditor@matrix.example', 'auditor');
  const member = await addUser(plane, admin, 'member@matrix.example');
  await addUser(plane, admin, 'console@matrix.example', 'admin');
  const agent = await addDatabase(plane, admin, 'shop');
  const scopes = [...serviceScope.options];
  const service = await admin.createServiceAccount({ body: { name: 'robot', scopes } });
  const serviceAdmin = await admin.createServiceAccount({ body: { name: 'chief', role: 'admin', scopes } });
  const browser = async (email: string) => ({ cookie: await browserOf(plane, email) });
  credentials.set('nobody', {});
  credentials.set('member', { token: member.token, ...(await browser('member@matrix.example')) });
  credentials.set('auditor', { token: auditor.token, ...(await browser('auditor@matrix.example')) });
  credentials.set('admin', { token: adminToken, ...(await browser('admin@matrix.example')) });
  credentials.set('console', { ...(await browser('console@matrix.example')), isConsole: true });
  credentials.set('other admin', { token: other.adminToken, ...(await browser('admin@elsewhere.example')) });
  credentials.set('service', { token: service.token });
  credentials.set('service admin', { token: serviceAdmin.token });
  credentials.set('agent', { token: agent.credential });
  await fillMatrix();
}, 120_000);

afterAll(async () => await plane?.[Symbol.asyncDispose]());

/** Ending the session comes last: those after it would have none. */
async function fillMatrix(): Promise<void> {
  const ordered = routeNames.toSorted((a, b) => Number(a === 'endSession') - Number(b === 'endSession'));
  for (const name of ordered) {
    const row = new Map<Caller, Outcome>();
    for (const caller of callers) {
      const answer = await callRoute(plane, name, credentials.get(caller) ?? {});
      if (answer.error?.message === 'There is no such route.') unanswered.push(name);
      if (answer.status === 500) unanswered.push(`${name} ${caller}`);
      row.set(caller, outcomeOf(answer));
    }
    matrix.set(name, row);
  }
}

/** What the guard says; a handler's own refusal comes after it. */
function outcomeOf({ status, error }: RouteAnswer): Outcome {
  if (error === null) return status === 401 ? '401' : status === 403 ? '403' : 'yes';
  if (error.code === 'UNAUTHENTICATED') return '401';
  return error.code === 'FORBIDDEN' && /^(This (needs the|takes a)|The console does not)/.test(error.message)
    ? '403'
    : 'yes';
}

function passing(caller: Caller): ContractName[] {
  return routeNames.filter((name) => matrix.get(name)?.get(caller) === 'yes');
}

function changes(name: ContractName): boolean {
  return contractOf(name).method !== 'GET';
}

function document(): string {
  const lines = routeNames.map((name) => {
    const { method, path } = contractOf(name);
    const cells = callers.map((caller) => matrix.get(name)?.get(caller) ?? '?');
    return `| ${[`\`${method} ${path}\``, ...cells].join(' | ')} |`;
  });
  return `# Who may call what

Every route of the control plane, called as everybody; a test compares this table with what the running program answers.
\`yes\` is past the guard: what is somebody's own (their devices, requests, tokens) is decided behind it, and another
organization's admin is an admin of that organization alone. 401: the caller is not known there; 403: known, and not
allowed. \`console\` is an admin's browser session, \`service\` is a service account with the role member and all scopes, \`service admin\` one with the role admin.

| route | ${callers.join(' | ')} |
|---|${callers.map(() => '---|').join('')}
${lines.join('\n')}
`;
}

describe('the role matrix', () => {
  it('is what docs/access-matrix.md says, route by route and role by role', async () => {
    const expected = readFileSync(new URL('../../docs/access-matrix.md', import.meta.url), 'utf8').split(
      '\n',
    );
    const found = document().split('\n');
    const wrong = found.filter((line) => line.startsWith('| `') && !expected.includes(line));
    process.stdout.write(`${found.filter((line) => line.startsWith('|')).join('\n')}\n`);
    process.stdout.write(`${routeNames.length} routes × ${callers.length} callers, ${wrong.length} wrong\n`);
    await expect(document()).toMatchFileSnapshot('../../docs/access-matrix.md');
  });

  it('has an answer for every route of the table', () => {
    expect(unanswered).toEqual([]);
  });

  it('lets nobody in without a credential where the table asks for one', () => {
    const open = routeNames.filter((name) => ['none', 'visitor'].includes(securityOf(name)[1]));
    expect(passing('nobody').filter((name) => !open.includes(name))).toEqual([]);
  });

  it('lets an auditor change nothing that a member may not', () => {
    const member = new Set(passing('member'));
    expect(passing('auditor').filter((name) => changes(name) && !member.has(name))).toEqual([]);
  });

  it('lets each role do what the lesser one may', () => {
    const [member, auditor, admin] = [passing('member'), passing('auditor'), passing('admin')];
    expect(member.filter((name) => !auditor.includes(name))).toEqual([]);
    expect(auditor.filter((name) => !admin.includes(name))).toEqual([]);
    expect(passing('other admin')).toEqual(admin);
  });

  it('takes nothing from pages of other origins, whoever is signed in, and opens no answer to them', async () => {
    const admin = credentials.get('admin') ?? {};
    const ofBrowsers = routeNames.filter((name) => ['visitor', 'session'].includes(securityOf(name)[1]));
    const acting = ofBrowsers.filter(changes);
    expect(acting.length).toBeGreaterThan(15);
    for (const name of acting) {
      for (const origin of ['https://evil.example', 'null', '']) {
        const { error } = await callRoute(plane, name, admin, { origin });
        expect([name, origin, error?.code]).toEqual([name, origin, 'FORBIDDEN']);
      }
    }
    for (const path of new Set(routeNames.map((name) => fillPath(contractOf(name).path, {})))) {
      const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
      const preflight = await plane.send(path, { method: 'OPTIONS', headers });
      const opened = [...preflight.headers.keys()].filter((header) => header.startsWith('access-control-'));
      expect([path, opened, preflight.status >= 400]).toEqual([path, [], true]);
    }
  });

  it('lets a browser’s session do no more than its person', () => {
    const admin = passing('admin');
    expect(passing('console').filter((name) => !admin.includes(name))).toEqual([]);
  });

  it('keeps agents and people apart', () => {
    const ofAgents = routeNames.filter((name) => securityOf(name)[1] === 'agent');
    const open = routeNames.filter((name) => ['none', 'visitor'].includes(securityOf(name)[1]));
    expect(passing('agent').toSorted()).toEqual([...ofAgents, ...open].toSorted());
    expect(passing('admin').filter((name) => ofAgents.includes(name))).toEqual([]);
  });

  it('lets a service account make no credential, decide on nothing, and do no more than its role', () => {
    const credential =
      /ApiToken|ServiceAccount|ServiceToken|Passkey|Device$|Certificate|Grant$|inviteUser|Decision|Publication|Proposal|proposePolicies|PolicySettings|^(approve|deny|revoke|review|create|commentOn)Request/;
    const open = routeNames.filter((name) => ['none', 'visitor'].includes(securityOf(name)[1]));
    const robots = passing('service admin').filter((name) => !open.includes(name));
    expect(robots.filter((name) => changes(name) && credential.test(name))).toEqual([]);
    expect(robots.filter((name) => !passing('admin').includes(name))).toEqual([]);
    expect(passing('service').filter((name) => !passing('member').includes(name))).toEqual([]);
  });
});
