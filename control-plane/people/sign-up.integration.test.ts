import { Secret } from '@daam/shared/base/secret';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { systemScopes } from '../db/system-scopes.ts';
import { enrollBy, TestBrowser, TestDevice } from '../testing/browser.ts';
import { bootstrapOrg, startTestControlPlane } from '../testing/start.ts';

const body = { name: 'Acme', adminEmail: 'Boss@Acme.example' };

describe('signing up', () => {
  it('makes an organization of its own, whose administrator signs in with the passkey from the link', async () => {
    await using plane = await startTestControlPlane({ signUp: { code: null, maxOrganizations: 10 } });
    const other = await bootstrapOrg(plane, 'Other');
    const { org, invitation } = await plane.client(null).signUp({ body });
    const authenticator = new FakeAuthenticator();
    const browser = new TestBrowser(plane);
    await enrollBy(browser, invitation.url, authenticator);
    const device = new TestDevice(plane);
    const redirect = await device.authorize(browser, authenticator, { org: org.id });
    const { accessToken } = await device.exchange(redirect.searchParams.get('code') ?? '');
    const client = plane.client(accessToken);
    expect(await client.getMe()).toMatchObject({
      email: 'boss@acme.example',
      role: 'admin',
      org: { id: org.id },
    });
    expect((await client.listUsers()).items).toHaveLength(1);
    expect((await client.listActivity()).items.map(({ action }) => action)).toContain('organization.created');
    expect((await other.admin.listUsers()).items).toHaveLength(1);
    await expect(plane.client(null).signUp({ body })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('takes the code that is asked for, no other, and ends at the ceiling of organizations', async () => {
    const code = new Secret('a code of sixteen or more');
    await using plane = await startTestControlPlane({ signUp: { code, maxOrganizations: 1 } });
    const client = plane.client(null);
    for (const wrong of [{}, { code: '' }, { code: 'a code of sixteen or mor' }]) {
      const attempt = client.signUp({ body: { ...body, ...wrong } });
      await expect(attempt).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    const right = { ...body, code: code.reveal() };
    await expect(client.signUp({ body: right })).resolves.toBeDefined();
    const second = client.signUp({ body: { ...right, name: 'Second' } });
    await expect(second).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('reads across organizations that there are organizations, and nothing else', async () => {
    expect(systemScopes['sign-up']).toEqual({ organizations: ['select'] });
    await using plane = await startTestControlPlane({ signUp: { code: null, maxOrganizations: 2 } });
    const client = plane.client(null);
    await client.signUp({ body });
    const superuser = new Client({ connectionString: plane.dsn });
    await superuser.connect();
    // From here on no other scope reads organizations: who counts them in one finds none.
    await superuser.query(
      `alter policy daam_system_select on organizations using (current_setting('daam.system', true) = 'sign-up')`,
    );
    await superuser.end();
    await expect(client.signUp({ body })).rejects.toMatchObject({ code: 'CONFLICT', field: 'org' });
    await client.signUp({ body: { ...body, name: 'Second' } });
    const third = client.signUp({ body: { ...body, name: 'Third' } });
    await expect(third).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
