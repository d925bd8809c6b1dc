import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type CommandContext, UsageError } from '../command.ts';
import { serviceAccountsCommand } from './service-accounts.ts';

const account = {
  id: '00000000-0000-4000-8000-000000000009',
  name: 'ci',
  email: 'ci@service-accounts.invalid',
  description: '',
  role: 'member',
  scopes: ['audit:read'],
  disabled: false,
  createdAt: '2030-01-01T00:00:00.000Z',
  tokens: [
    {
      id: '00000000-0000-4000-8000-00000000000a',
      prefix: 'daam_sat_abcd',
      createdAt: '2030-01-01T00:00:00.000Z',
      expiresAt: '2030-04-01T00:00:00.000Z',
      lastUsedAt: null,
    },
  ],
};

/** The command over a client that notes what it is asked for. */
async function run(positionals: string[], values: Record<string, string> = {}, json = false) {
  const calls: unknown[] = [];
  const issue = async (request: unknown) => {
    calls.push(request);
    return { token: 'daam_sat_new', serviceAccount: account };
  };
  const note = async (request: unknown) => void calls.push(request);
  const client = {
    listServiceAccounts: async () => ({ items: [account] }),
    createServiceAccount: issue,
    rotateServiceToken: issue,
    revokeServiceToken: note,
    deleteServiceAccount: note,
  };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const engine = { api: async () => client };
  const context = {
    positionals,
    values,
    rest: [],
    json,
    stdout,
    stderr,
    engine,
  } as unknown as CommandContext;
  const code = await serviceAccountsCommand.run(context);
  stdout.end();
  stderr.end();
  return { code, calls, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('daam service-accounts', () => {
  it('lists accounts with how their tokens begin', async () => {
    const { stdout } = await run([]);
    expect(stdout).toContain('daam_sat_abcd… until 2030-04-01');
    expect(JSON.parse((await run(['list'], {}, true)).stdout)).toEqual({ serviceAccounts: [account] });
  });

  it('prints a new token alone on standard output, so that it can be sent into a file', async () => {
    const created = await run(['create', 'ci'], { scopes: 'audit:read, policies:read', days: '30' });
    expect(created.stdout).toBe('daam_sat_new\n');
    expect(created.stderr).toContain('Shown once');
    expect(created.calls).toEqual([
      { body: { name: 'ci', role: 'member', scopes: ['audit:read', 'policies:read'], expiresInDays: 30 } },
    ]);
    const rotated = await run(['rotate', 'ci'], { overlap: '0' });
    expect(rotated.stdout).toBe('daam_sat_new\n');
    expect(rotated.calls).toEqual([
      { params: { id: account.id }, body: { expiresInDays: 90, overlapMinutes: 0 } },
    ]);
  });

  it('revokes the token that begins so, and removes the account that is called so', async () => {
    const token = account.tokens[0]?.id;
    expect((await run(['revoke', 'ci', 'daam_sat_abcd'])).calls).toEqual([
      { params: { id: account.id, token } },
    ]);
    expect((await run(['remove', 'ci'])).calls).toEqual([{ params: { id: account.id } }]);
    await expect(run(['revoke', 'ci', 'daam_sat_zzzz'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(run(['remove', 'other'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    [['create', 'ci'], {}],
    [['create', 'ci'], { scopes: 'everything' }],
    [['create', 'ci'], { scopes: 'audit:read', role: 'owner' }],
    [['create', 'ci'], { scopes: 'audit:read', days: '367' }],
    [['rotate', 'ci'], { overlap: '-1' }],
    [['rotate', 'ci', 'x'], {}],
    [['dance', 'ci'], {}],
  ])('refuses %j %j as wrong usage', async (positionals, values) => {
    await expect(run(positionals, values)).rejects.toBeInstanceOf(UsageError);
  });
});
