import type { ServiceAccountView } from '@daam/shared/api/routes/service-accounts';
import { role as roleSchema } from '@daam/shared/api/schemas';
import { serviceScope } from '@daam/shared/api/service-scopes';
import { AppError } from '@daam/shared/errors/app-error';
import type { z } from 'zod';
import { type Command, type CommandContext, exitCodes, print, table, UsageError } from '../command.ts';

/** `daam service-accounts` */
export const serviceAccountsCommand: Command = {
  name: 'service-accounts',
  summary: 'Accounts of programs and their tokens (administrators).',
  usage: 'service-accounts [list | create | rotate | revoke | remove] [<name>] [options] [--json]',
  details: `
  list                      every account with its valid tokens (default)
  create <name>             a new account; prints its token, once
  rotate <name>             a new token, printed once; the one before stays valid for the overlap
  revoke <name> <prefix>    end the token that begins with PREFIX at once
  remove <name>             end the account and its tokens

  --scopes A,B       with create: what it may do, of audit:read, databases:read, databases:write, people:read,
                     people:write, policies:publish, policies:read, policies:write, requests:read, webhooks:read,
                     webhooks:write
  --role ROLE        with create: member (unless told), auditor or admin: it bounds the scopes
  --description TEXT with create: what it is for
  --days N           how long the token is valid: 1 to 366, 90 unless told
  --overlap MINUTES  with rotate: 1440 unless told; 0 ends the token before at once

A program gives its token in DAAM_TOKEN, and the address in DAAM_CONTROL_PLANE_URL: then "daam policy apply -f FILE"
needs no sign-in. The token is printed alone on standard output; what is said about it is on standard error.`,
  options: {
    scopes: { type: 'string' },
    role: { type: 'string' },
    description: { type: 'string' },
    days: { type: 'string' },
    overlap: { type: 'string' },
  },
  positionals: { min: 0, max: 3 },
  run: async (context) => {
    const [verb = 'list', name, prefix, ...more] = context.positionals;
    if (verb === 'list' && name === undefined) return await list(context);
    if (name === undefined || more.length > 0)
      throw new UsageError(`Usage: daam ${serviceAccountsCommand.usage}`);
    if (verb === 'revoke' && prefix !== undefined) return await revoke(context, name, prefix);
    const act = { create, rotate, remove }[verb];
    if (act === undefined || prefix !== undefined)
      throw new UsageError(`There is no "service-accounts ${verb}" of that form.`);
    return await act(context, name);
  },
};

async function list(context: CommandContext): Promise<number> {
  const { items } = await (await context.engine.api()).listServiceAccounts();
  const rows = items.map((account) => [
    account.name,
    account.role,
    account.scopes.join(','),
    account.disabled ? 'disabled' : '',
    account.tokens.map(({ prefix, expiresAt }) => `${prefix}… until ${expiresAt}`).join(', '),
  ]);
  const shown = rows.length === 0 ? 'There is no service account.' : table(header, rows);
  print(context, { serviceAccounts: items }, shown);
  return exitCodes.done;
}

const header = ['NAME', 'ROLE', 'SCOPES', '', 'TOKENS'];

async function create(context: CommandContext, name: string): Promise<number> {
  const given = (text(context, 'scopes') ?? '').split(',').map((one) => one.trim());
  const description = text(context, 'description');
  const body = {
    name,
    scopes: given.map((one) => oneOf(serviceScope, '--scopes', one)),
    role: oneOf(roleSchema, '--role', text(context, 'role') ?? 'member'),
    expiresInDays: whole(context, { name: 'days', unless: 90, from: 1, to: 366 }),
    ...(description === undefined ? {} : { description }),
  };
  const issued = await (await context.engine.api()).createServiceAccount({ body });
  return printToken(context, issued);
}

async function rotate(context: CommandContext, name: string): Promise<number> {
  const client = await context.engine.api();
  const { id } = await find(context, name);
  const expiresInDays = whole(context, { name: 'days', unless: 90, from: 1, to: 366 });
  const overlapMinutes = whole(context, { name: 'overlap', unless: 1_440, from: 0, to: 43_200 });
  const body = { expiresInDays, overlapMinutes };
  return printToken(context, await client.rotateServiceToken({ params: { id }, body }));
}

async function revoke(context: CommandContext, name: string, prefix: string): Promise<number> {
  const account = await find(context, name);
  const [token, ...others] = account.tokens.filter(
    (one) => one.prefix === prefix.slice(0, one.prefix.length),
  );
  if (token === undefined || others.length > 0) {
    throw new AppError('NOT_FOUND', {
      message: 'The account has no such valid token, or several.',
      hint: '"daam service-accounts" shows how they begin.',
    });
  }
  const client = await context.engine.api();
  await client.revokeServiceToken({ params: { id: account.id, token: token.id } });
  print(context, { revoked: token.id }, 'Revoked.');
  return exitCodes.done;
}

async function remove(context: CommandContext, name: string): Promise<number> {
  const { id } = await find(context, name);
  await (await context.engine.api()).deleteServiceAccount({ params: { id } });
  print(context, { removed: id }, 'Removed.');
  return exitCodes.done;
}

function printToken(
  context: CommandContext,
  issued: { readonly token: string; readonly serviceAccount: ServiceAccountView },
): number {
  const [newest] = issued.serviceAccount.tokens;
  if (!context.json)
    context.stderr.write(`Shown once; valid until ${newest?.expiresAt ?? 'it is revoked'}.\n`);
  print(context, issued, issued.token);
  return exitCodes.done;
}

async function find(context: CommandContext, name: string): Promise<ServiceAccountView> {
  const { items } = await (await context.engine.api()).listServiceAccounts();
  const account = items.find((one) => one.name === name || one.id === name);
  if (account === undefined) {
    throw new AppError('NOT_FOUND', {
      message: 'There is no such service account.',
      hint: '"daam service-accounts" lists them.',
    });
  }
  return account;
}

function text({ values }: CommandContext, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function oneOf<Schema extends z.ZodEnum>(schema: Schema, option: string, value: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${option}: one of ${schema.options.join(', ')}.`);
}

interface WholeNumber {
  readonly name: string;
  readonly unless: number;
  readonly from: number;
  readonly to: number;
}

function whole(context: CommandContext, { name, unless, from, to }: WholeNumber): number {
  const given = text(context, name);
  const value = given === undefined ? unless : /^\d{1,6}$/.test(given) ? Number(given) : -1;
  if (value >= from && value <= to) return value;
  throw new UsageError(`--${name}: a number from ${from} to ${to}.`);
}
