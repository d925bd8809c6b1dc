import { describe, expect, it } from 'vitest';
import { createClient, type FetchLike } from './client.ts';

const deviceId = '7b6f0b9e-56a4-4d3c-9c6e-0a4f3b8f8a11';

function clientWith(answer: (url: string, init: RequestInit) => Response | Promise<Response>) {
  const calls: { url: string; init: RequestInit }[] = [];
  const fetch: FetchLike = async (url, init) => {
    calls.push({ url, init });
    return answer(url, init);
  };
  return { calls, client: createClient({ baseUrl: 'http://cp.test', fetch, token: () => 'daam_pat_x' }) };
}

describe('api client', () => {
  it('fills the path, sends the token and parses the answer', async () => {
    const { client, calls } = clientWith(() =>
      Response.json(
        { certificate: 'a.b.c', expiresAt: '2030-01-01T00:00:00.000Z', extra: 1 },
        { status: 201 },
      ),
    );
    const answer = await client.issueCertificate({ params: { id: deviceId } });
    expect(answer).toEqual({ certificate: 'a.b.c', expiresAt: '2030-01-01T00:00:00.000Z' });
    expect(calls[0]?.url).toBe(`http://cp.test/api/v1/devices/${deviceId}/certificate`);
    expect(calls[0]?.init.headers).toMatchObject({ authorization: 'Bearer daam_pat_x' });
  });

  it('escapes what a caller puts into the path', async () => {
    const { client, calls } = clientWith(() => new Response(null, { status: 204 }));
    await client.revokeDevice({ params: { id: '../users' } });
    expect(calls[0]?.url).toBe('http://cp.test/api/v1/devices/..%2Fusers');
  });

  it('throws the code, field and hint of the server', async () => {
    const body = { error: { code: 'FORBIDDEN', message: 'no', field: 'role', hint: 'ask', requestId: 'r1' } };
    const { client } = clientWith(() => Response.json(body, { status: 403 }));
    await expect(client.getMe()).rejects.toMatchObject({ code: 'FORBIDDEN', field: 'role', hint: 'ask' });
  });

  it('reads an error code that it does not know as INTERNAL', async () => {
    const body = { error: { code: 'FROM_THE_FUTURE', message: 'no', requestId: 'r1' } };
    const { client } = clientWith(() => Response.json(body, { status: 418 }));
    await expect(client.getMe()).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it.each([
    ['a refused connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['an answer of another shape', () => Response.json({ hello: 1 })],
    ['a page of a proxy', () => new Response('<html>', { status: 502 })],
  ])('says CONTROL_PLANE_UNAVAILABLE for %s', async (_, answer) => {
    const { client } = clientWith(answer);
    await expect(client.getMe()).rejects.toMatchObject({ code: 'CONTROL_PLANE_UNAVAILABLE' });
  });

  it('says CANCELLED when the caller aborts', async () => {
    const controller = new AbortController();
    const { client } = clientWith(() => {
      controller.abort();
      return Promise.reject(new DOMException('aborted', 'AbortError'));
    });
    await expect(client.getMe({}, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('hands over a stream as it comes, and the failure of one that does not begin', async () => {
    const { client, calls } = clientWith(() => new Response('line 1\nline 2\n'));
    const stream = await client.exportAudit({ query: { class: 'activity' } });
    expect(await new Response(stream).text()).toBe('line 1\nline 2\n');
    expect(calls[0]?.url).toBe('http://cp.test/api/v1/audit/export?class=activity');
    const body = { error: { code: 'FORBIDDEN', message: 'no', requestId: 'r1' } };
    const refused = clientWith(() => Response.json(body, { status: 403 }));
    await expect(refused.client.exportAudit()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const away = clientWith(() => Promise.reject(new TypeError('fetch failed')));
    await expect(away.client.exportAudit()).rejects.toMatchObject({ code: 'CONTROL_PLANE_UNAVAILABLE' });
  });
});
