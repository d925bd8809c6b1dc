import { readFile, stat } from 'node:fs/promises';
import { vouch as vouchSchema } from '@daam/shared/api/routes/vouched';
import { AppError } from '@daam/shared/errors/app-error';
import type { Vouch } from '@daam/shared/policy/bundle';
import { z } from 'zod';
import { type Command, type CommandContext, exitCodes, print, table, UsageError } from '../command.ts';

const maxFileBytes = 1024 * 1024;

/** `daam vouch` */
export const vouchCommand: Command = {
  name: 'vouch',
  summary: 'Vouch for functions and triggers, so that masks stay while they run (administrators).',
  usage: 'vouch list <database> | vouch add <database> -f FILE | vouch remove <database> KIND:OID [--json]',
  details: `
  list <database>             what is vouched for
  add <database> -f FILE      adds what FILE names: one or a list of {"kind","oid","sourceHash","name"},
                              as "daam-agent introspect --json" prints them under "code"
  remove <database> KIND:OID  function:16402 or trigger:16410

A vouched function may be called without being treated as unknown code, while real values are readable; a vouched
trigger likewise. Read its body first, and what it calls. A vouch ends by itself when the body changes.`,
  options: { file: { type: 'string', short: 'f' } },
  positionals: { min: 2, max: 3 },
  run: async (context) => {
    const [verb, database = '', which] = context.positionals;
    if (verb === 'list' && which === undefined) return await list(context, database);
    if (verb === 'add' && which === undefined) return await add(context, database);
    if (verb === 'remove' && which !== undefined) return await remove(context, database, which);
    throw new UsageError('Use "vouch list", "vouch add" or "vouch remove" with a database.');
  },
};

async function list(context: CommandContext, database: string): Promise<number> {
  const client = await context.engine.api();
  const state = await client.getVouched({ params: { database } });
  const rows = state.vouched.map(({ kind, oid, name, sourceHash }) => [
    kind,
    String(oid),
    name,
    sourceHash.slice(0, 12),
  ]);
  print(
    context,
    state,
    rows.length === 0 ? 'Nothing is vouched for.' : table(['KIND', 'OID', 'NAME', 'HASH'], rows),
  );
  return exitCodes.done;
}

async function add(context: CommandContext, database: string): Promise<number> {
  const { file } = context.values;
  if (typeof file !== 'string') throw new UsageError('-f FILE is missing.');
  const added = await readVouches(file);
  const replaced = new Set(added.map(keyOf));
  return await change(context, database, (before) => [
    ...before.filter((vouch) => !replaced.has(keyOf(vouch))),
    ...added,
  ]);
}

async function remove(context: CommandContext, database: string, which: string): Promise<number> {
  if (!/^(function|trigger):\d{1,10}$/.test(which))
    throw new UsageError('Say which: function:OID or trigger:OID.');
  return await change(context, database, (before) => {
    const after = before.filter((vouch) => keyOf(vouch) !== which);
    if (after.length < before.length) return after;
    throw new AppError('NOT_FOUND', { message: `Nobody vouches for ${which}.` });
  });
}

/** Read, change, write: the write is refused when somebody else was quicker. */
async function change(
  context: CommandContext,
  database: string,
  edit: (before: readonly Vouch[]) => readonly Vouch[],
): Promise<number> {
  const client = await context.engine.api();
  const before = await client.getVouched({ params: { database } });
  const after = await client.putVouched({
    params: { database },
    query: { expectEpoch: before.epoch },
    body: { vouched: [...edit(before.vouched)] },
  });
  print(context, after, `${database} is at epoch ${after.epoch}: ${after.vouched.length} vouched for.`);
  return exitCodes.done;
}

function keyOf({ kind, oid }: Vouch): string {
  return `${kind}:${oid}`;
}

async function readVouches(path: string): Promise<readonly Vouch[]> {
  let value: unknown;
  try {
    if ((await stat(path)).size > maxFileBytes) throw new RangeError('too large');
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new AppError('INVALID_INPUT', {
      field: 'file',
      message: `The file ${path} cannot be read as JSON.`,
      cause,
    });
  }
  const parsed = z.array(vouchSchema).safeParse(Array.isArray(value) ? value : [value]);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('INVALID_INPUT', {
    field: 'file',
    message: `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a vouch'}.`,
  });
}
