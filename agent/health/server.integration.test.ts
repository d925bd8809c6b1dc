import { Secret } from '@daam/shared/base/secret';
import { afterEach, describe, expect, it } from 'vitest';
import { type HealthReport, HealthServer } from './server.ts';

let report: HealthReport = {
  status: 'healthy',
  version: '0.0.0',
  sessions: 2,
  upstream: { state: 'connected', serverVersion: '18.1' },
  controlPlane: { state: 'connected', since: null },
  policy: { epoch: 3, source: 'live' },
  audit: { bufferedRecords: 0, bufferedBytes: 0 },
};
let token: Secret | null = new Secret('daam_agt_right');
let server: HealthServer | null = null;

async function start(): Promise<string> {
  server = await HealthServer.start({ host: '127.0.0.1', port: 0, token: () => token, report: () => report });
  return server.url;
}

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  report = { ...report, status: 'healthy' };
  token = new Secret('daam_agt_right');
});

function detailed(url: string, bearer: string): Promise<Response> {
  return fetch(`${url}/health/detailed`, { headers: { authorization: `Bearer ${bearer}` } });
}

describe('the health endpoints', () => {
  it('tell probes alive or not, and nothing else', async () => {
    const url = await start();
    const answer = await fetch(`${url}/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'healthy' });
    for (const status of ['draining', 'unhealthy'] as const) {
      report = { ...report, status };
      expect((await fetch(`${url}/health`)).status).toBe(503);
    }
  });

  it('answer 200 while degraded, and say so in the details', async () => {
    const url = await start();
    report = { ...report, status: 'degraded' };
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const answer = await detailed(url, 'daam_agt_right');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'degraded', sessions: 2 });
  });

  it('keep the details from everyone without the token, and from everyone before there is one', async () => {
    const url = await start();
    expect((await fetch(`${url}/health/detailed`)).status).toBe(401);
    expect((await detailed(url, 'daam_agt_wrong')).status).toBe(401);
    token = null;
    expect((await detailed(url, 'daam_agt_right')).status).toBe(401);
  });

  it('refuse other methods and paths', async () => {
    const url = await start();
    expect((await fetch(`${url}/health`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${url}/`)).status).toBe(404);
  });

  it('name the port when it is taken', async () => {
    const url = await start();
    const port = Number(new URL(url).port);
    await expect(
      HealthServer.start({ host: '127.0.0.1', port, token: () => token, report: () => report }),
    ).rejects.toMatchObject({ code: 'PORT_IN_USE', field: 'health.port' });
  });
});
