import { apiRoutes } from '@daam/shared/api/routes';
import { describe, expect, it } from 'vitest';
import type { AgentCaller, Person } from './call.ts';
import { hasRole } from './guard.ts';
import { type ContractName, contracts } from './contracts.ts';
import { rateClasses } from './rate-limit.ts';
import { type SecurityRow, securityTable } from './routes.ts';
import { describeApi } from './system-handlers.ts';

const rows = Object.entries(securityTable) as [ContractName, SecurityRow][];

/** Whoever adds a route that needs no authentication has to write it down here too. */
const open = [
  'getHealth',
  'getReady',
  'getHome',
  'getOpenApi',
  'registerAgent',
  'signUp',
  'makeAuthChallenge',
  'exchangeToken',
  'startDeviceCode',
  'getPagesStyle',
  'getPagesScript',
];

/** What the script of a page may ask before anybody has signed in: each ends at a passkey. */
const forVisitors = [
  'showAuthorize',
  'beginAuthorize',
  'finishAuthorize',
  'beginSignIn',
  'finishSignIn',
  'endSession',
  'showDevice',
  'beginDevice',
  'finishDevice',
  'refuseDevice',
  'showEnroll',
  'beginEnroll',
  'finishEnroll',
  'showSignUp',
  'showOpen',
  'showAccount',
  'showApprovals',
  'showDecision',
  'openDecision',
  'finishDecision',
  'showPublication',
  'openPublication',
  'finishPublication',
];

/** Asked by POST because what they ask about is long. */
const questions: readonly ContractName[] = ['previewRequest', 'checkRequestRules'];

describe('security table', () => {
  it('has exactly the routes of the contract, with their methods and paths', () => {
    expect(rows.map(([name]) => name).toSorted()).toEqual(Object.keys(contracts).toSorted());
    for (const [name, [route]] of rows) {
      const { method, path } = contracts[name];
      expect(route).toBe(`${method} ${path}`);
    }
  });

  it('bounds what resolves policies on whole schemas as work, not as reading', () => {
    const resolving = rows.filter(([, [, , , rate]]) => rate === 'access').map(([name]) => name);
    expect(resolving).toEqual([
      'getMySchema',
      'getEffectiveAccess',
      'explainColumn',
      'previewRequest',
      'getRequestContext',
      'beginDecision',
      'beginDecisions',
      'getDrift',
      'listMaskSuggestions',
      'checkRequestRules',
      'listUnusedGrants',
    ]);
    expect(rateClasses.access.perMinute).toBeLessThanOrEqual(60);
  });

  it('lets an agent report its schema a few times a minute, not as often as audit records', () => {
    const rate = rateClasses[securityTable.putAgentSchema[3]];
    expect(rate.perMinute).toBeLessThanOrEqual(6);
    expect(rate.burst).toBeLessThanOrEqual(6);
  });

  it('names no method and path twice', () => {
    expect(new Set(rows.map(([, [route]]) => route)).size).toBe(rows.length);
  });

  it.each(rows)('%s names authentication, role and rate class that fit each other', (name, row) => {
    const [, authentication, role, rate, transaction] = row;
    expect(Object.keys(rateClasses)).toContain(rate);
    expect(['none', 'read', 'write', 'own']).toContain(transaction);
    const roles = {
      none: ['anyone'],
      visitor: ['anyone'],
      agent: ['agent'],
      person: ['member', 'auditor', 'admin'],
      session: ['member', 'auditor', 'admin'],
    }[authentication];
    expect(roles).toContain(role);
    expect(authentication === 'none').toBe(open.includes(name));
    expect(authentication === 'visitor').toBe(forVisitors.includes(name));
  });

  it.each(rows.filter(([name]) => contracts[name].method !== 'GET' && !questions.includes(name)))(
    '%s changes something, so it has a transaction',
    (_, [, , , , transaction]) => {
      expect(['write', 'own']).toContain(transaction);
    },
  );

  it.each(questions)(
    '%s only asks, whatever its method, so it has a transaction that cannot write',
    (name) => {
      const [, , , , transaction] = securityTable[name];
      expect(transaction).toBe('read');
    },
  );

  it.each(rows)('%s has a body ceiling when it has a body', (name, [, , , , , bodyKiB]) => {
    expect(bodyKiB).toBeGreaterThanOrEqual('body' in contracts[name] ? 1 : 0);
    expect(bodyKiB).toBeLessThanOrEqual(8192);
  });

  it('asks browsers for a session wherever they change something of a person', () => {
    const ofBrowsers = rows.filter(([, [, authentication]]) => authentication === 'session');
    expect(ofBrowsers.map(([name]) => name)).toEqual(
      expect.arrayContaining(['removePasskey', 'finishApproval']),
    );
    expect(ofBrowsers.filter(([name]) => contracts[name].method === 'GET')).toEqual([]);
  });

  it('lets nobody but an administrator change people, databases, policies and agents', () => {
    const changing = rows.filter(([name]) => contracts[name].method !== 'GET');
    const forMembers = changing
      .filter(([, [, authentication, role]]) => authentication === 'person' && role === 'member')
      .map(([name]) => name);
    expect(forMembers.toSorted()).toEqual([
      // requests: who may approve is decided in requests/approvers.ts
      'approveRequest',
      'beginDecision',
      'beginDecisions',
      'commentOnRequest',
      'createApiToken',
      'createRequest',
      'denyRequest',
      // changes nothing: asks an agent, and leaves an audit event when it is as somebody else
      'explainStatement',
      'extendRequest',
      'issueCertificate',
      'issueGrant',
      // changes nothing: what a request would meet
      'previewRequest',
      // one's own
      'putAuditViews',
      'putNotificationPreferences',
      'registerDevice',
      'renameDevice',
      'reviewRequest',
      'revokeApiToken',
      'revokeDevice',
      'revokePasskey',
      'revokeRequest',
      'signOut',
    ]);
    expect(changing.filter(([, [, , role]]) => role === 'auditor')).toEqual([]);
  });
});

describe('roles', () => {
  const person = (role: Person['role']) => ({ kind: 'user', role }) as Person;
  const agent = { kind: 'agent' } as AgentCaller;

  it.each([
    ['admin', person('admin'), ['anyone', 'member', 'auditor', 'admin']],
    ['auditor', person('auditor'), ['anyone', 'member', 'auditor']],
    ['member', person('member'), ['anyone', 'member']],
    ['agent', agent, ['anyone', 'agent']],
    ['nobody', null, ['anyone']],
  ] as const)('%s has its own and no other', (_, caller, expected) => {
    const all = ['anyone', 'member', 'auditor', 'admin', 'agent'] as const;
    expect(all.filter((role) => hasRole(caller, role))).toEqual(expected);
  });
});

describe('OpenAPI', () => {
  interface Operation {
    readonly security: readonly Record<string, unknown>[];
    readonly responses: Record<string, unknown>;
  }
  const { paths, components } = describeApi() as {
    paths: Record<string, Record<string, Operation>>;
    components: { securitySchemes: Record<string, unknown> };
  };

  it('says of each route how it is authenticated', () => {
    const described = rows.filter(([name]) => name in apiRoutes).map(([, row]) => row);
    for (const [route, authentication] of described) {
      const [method = '', path = ''] = route.split(' ');
      const operation = paths[path.replace(/:([a-zA-Z]+)/g, '{$1}')]?.[method.toLowerCase()];
      const schemes = (operation?.security ?? []).flatMap((scheme) => Object.keys(scheme));
      expect(schemes).toEqual(authentication === 'none' ? [] : [authentication]);
    }
    expect(Object.keys(components.securitySchemes).toSorted()).toEqual(['agent', 'person']);
  });

  it('has the error shape for every operation', () => {
    for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
      expect(operation.responses).toHaveProperty('default');
    }
  });
});
