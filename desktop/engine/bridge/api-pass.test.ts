import type { ApiClient } from '@daam/shared/api/client';
import type { RouteContract } from '@daam/shared/api/route';
import { apiRoutes } from '@daam/shared/api/routes';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { isPassable, passToApi } from './api-pass.ts';

const calls: { readonly route: string; readonly request: unknown }[] = [];
const client = new Proxy({} as ApiClient, {
  get: (_, route) => async (request: unknown) => {
    calls.push({ route: String(route), request });
    return { asked: route };
  },
});
const pass = async (asked: Parameters<typeof passToApi>[1]): Promise<unknown> =>
  (await passToApi(async () => await Promise.resolve({ ...proxied(asked.route) }), asked)).value;
const proxied = (route: string): ApiClient => ({ [route]: client[route as 'getMe'] }) as unknown as ApiClient;

describe('the pass to the control plane', () => {
  it('lets through what people do, with what they ask', async () => {
    const id = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10';
    expect(await pass({ route: 'approveRequest', params: { id }, body: { note: 'fine' } })).toEqual({
      asked: 'approveRequest',
    });
    expect(calls.at(-1)).toEqual({
      route: 'approveRequest',
      request: { params: { id }, body: { note: 'fine' } },
    });
  });

  it('is closed for sign-in, certificates, agents, pages, streams and sockets', () => {
    const closed = Object.keys(apiRoutes).filter((route) => !isPassable(route));
    for (const route of [
      'exchangeToken',
      'issueGrant',
      'issueCertificate',
      'registerDevice',
      'registerAgent',
      'appendAudit',
      'agentFeed',
      'exportAudit',
      'getHealth',
    ]) {
      expect(closed).toContain(route);
    }
  });

  it('hands no credential to a screen but those that the console shows once', () => {
    const makers = Object.entries<RouteContract>(apiRoutes).filter(([, { response }]) => {
      const shape = response instanceof z.ZodObject ? Object.keys(response.shape) : [];
      return shape.some((key) => /^(token|secret|agentToken|credential|accessToken)$/.test(key));
    });
    const names = makers.map(([name]) => name);
    expect(names).toContain('createApiToken');
    expect(names.filter(isPassable).sort()).toEqual([
      'createDatabase',
      'createServiceAccount',
      'createWebhook',
      'issueAgentToken',
      'rotateServiceToken',
      'rotateWebhookSecret',
    ]);
  });

  it.each(['constructor', '__proto__', 'toString', 'noSuchRoute', 'then'])(
    'knows no route %s',
    async (route) => {
      await expect(pass({ route })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    },
  );

  it.each([
    { route: 'getMe', params: { id: 'x' } },
    { route: 'getRequest', params: { id: '../users' } },
    { route: 'listRequests', query: { scope: 'theirs' } },
    { route: 'denyRequest', params: { id: '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10' }, body: { note: '' } },
  ])('refuses what the route does not take: %j', async (asked) => {
    await expect(pass(asked)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
