import { writeFile } from 'node:fs/promises';
import type { ApiClient } from '@daam/shared/api/client';
import type { DryRun, PolicyComparison } from '@daam/shared/api/policies';
import { AppError } from '@daam/shared/errors/app-error';
import { type Command, type CommandContext, exitCodes, print, table, UsageError } from '../command.ts';
import { accessText, columnText } from '../policy/access-text.ts';
import { differenceText } from '@daam/shared/api/difference-text';
import { publishWithTouch } from '../policy/publish-with-touch.ts';
import { dryRunText } from '../policy/dry-run-text.ts';
import { type PolicyFile, readPolicyFile } from '../policy/policy-file.ts';

/** `daam policy` */
export const policyCommand: Command = {
  name: 'policy',
  summary: 'Policies of a database as one document: read, compare, try, apply, look back (administrators).',
  usage: 'policy <verb> [<database>] [options] [--json]',
  details: `
  export <database>    the document in force as it was written, comments included; -o FILE writes it (also: get)
  diff -f FILE         what FILE would change; <database> --from N [--to M] compares revisions
  apply -f FILE        put FILE in force; with --dry-run only say what it would change, and for whom
  history <database>   every revision with its author and comment
  restore <database> <revision>
                       put it in force again, whole or with --policy NAME one policy of it
  access <database>    what I may do, or --user E-MAIL, and where each right comes from; --table sales.*
  why <database> <column>
                       why I, or --user E-MAIL, can or cannot see public.customers.email

  -f, --file FILE      YAML or JSON, which names its database; - is standard input
  -o, --output FILE    write the document there
  --text               with diff: the lines that differ, not the rights
  --dry-run            nothing is put in force
  --statements DAYS    with --dry-run: also what would have happened to the statements of the last DAYS days
  -m, --comment TEXT   why, for the history
  --expect N           fail with CONFLICT unless revision N is in force
  --no-browser         with apply and restore: where a passkey has to sign, only print the page's address
  --operation NAME     with why: select (unless told), insert, update or delete

diff and apply --dry-run exit with 0 when nothing would change, and with 2 when something would. apply is done with 0,
also when the document is in force already.`,
  options: {
    file: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
    text: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    statements: { type: 'string' },
    comment: { type: 'string', short: 'm' },
    expect: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    policy: { type: 'string' },
    user: { type: 'string' },
    table: { type: 'string' },
    operation: { type: 'string' },
    'no-browser': { type: 'boolean' },
  },
  positionals: { min: 1, max: 3 },
  run: async (context) => {
    const [verb = ''] = context.positionals;
    const act = acts.get(verb);
    if (act === undefined) throw new UsageError(`There is no "policy ${verb}".`);
    return await act(context);
  },
};

type Act = (context: CommandContext) => Promise<number>;

const acts: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['export', exportPolicies],
  ['get', exportPolicies],
  ['diff', diffPolicies],
  ['apply', applyPolicies],
  ['history', showHistory],
  ['restore', restoreRevision],
  ['access', showAccess],
  ['why', explainColumn],
]);

async function exportPolicies(context: CommandContext): Promise<number> {
  const [database] = words(context, 'database');
  const client = await context.engine.api();
  const { document, text } = await client.getPolicies({ params: { database } });
  const output = option(context, 'output');
  if (output === undefined) {
    print(context, document, text.trimEnd());
    return exitCodes.done;
  }
  try {
    await writeFile(output, context.json ? `${JSON.stringify(document, null, 2)}\n` : text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', { field: 'output', message: `${output} cannot be written.`, cause });
  }
  return exitCodes.done;
}

async function diffPolicies(context: CommandContext): Promise<number> {
  const from = option(context, 'from');
  if (from === undefined) {
    const { database, text } = await fileOf(context);
    const client = await context.engine.api();
    return report(context, await client.dryRunPolicies({ params: { database }, body: { text } }));
  }
  const [database] = words(context, 'database');
  const to = option(context, 'to');
  const query = { from, ...(to === undefined ? {} : { to }) };
  const client = await context.engine.api();
  return report(context, await client.comparePolicies({ params: { database }, query }));
}

function report(context: CommandContext, compared: PolicyComparison | DryRun): number {
  const { difference, unified } = compared;
  const text = context.values['text'] === true ? unified.trimEnd() : differenceText(difference);
  print(context, { isSame: difference.isSame, difference, unified }, text);
  return difference.isSame ? exitCodes.done : exitCodes.waiting;
}

async function applyPolicies(context: CommandContext): Promise<number> {
  const isTried = context.values['dry-run'] === true;
  if (!isTried && option(context, 'statements') !== undefined) {
    throw new UsageError('--statements is for --dry-run.');
  }
  const file = await fileOf(context);
  const { database, text } = file;
  const client = await context.engine.api();
  if (isTried) return await tryPolicies(context, client, file);
  const expect = option(context, 'expect');
  const body = {
    text,
    comment: option(context, 'comment') ?? '',
    ...(expect === undefined ? {} : { expectRevision: numberOf('--expect', expect) }),
  };
  const { epoch, revision, policies } = await publishWithTouch(context, client, {
    database,
    body: { kind: 'document', ...body },
    publish: async () => await client.publishPolicies({ params: { database }, body }),
  });
  const named = policies.map(({ name, version }) => ({ name, version }));
  const names = named.map(({ name, version }) => `${name} v${version}`).join(', ');
  print(
    context,
    { database, epoch, revision, policies: named },
    `${database} is at revision ${revision}, epoch ${epoch}: ${names === '' ? 'no policy' : names}.`,
  );
  return exitCodes.done;
}

async function tryPolicies(
  context: CommandContext,
  client: ApiClient,
  { database, text }: PolicyFile,
): Promise<number> {
  const days = option(context, 'statements');
  const statements = days === undefined ? {} : { statements: { days: numberOf('--statements', days) } };
  const result = await client.dryRunPolicies({ params: { database }, body: { text, ...statements } });
  print(context, result, dryRunText(result));
  return result.difference.isSame ? exitCodes.done : exitCodes.waiting;
}

async function showHistory(context: CommandContext): Promise<number> {
  const [database] = words(context, 'database');
  const client = await context.engine.api();
  const { items, next } = await client.listPolicyRevisions({ params: { database } });
  const rows = items.map(({ revision, createdAt, author, kind, comment, added, changed, removed }) => [
    String(revision),
    createdAt,
    author?.email ?? '',
    kind,
    [
      ...added.map((name) => `+${name}`),
      ...changed.map((name) => `~${name}`),
      ...removed.map((name) => `-${name}`),
    ].join(' '),
    comment.slice(0, 60),
  ]);
  const more = next === null ? '' : '\nThere are older ones.';
  print(
    context,
    { revisions: items, next },
    `${table(['REVISION', 'WHEN', 'WHO', 'KIND', 'POLICIES', 'COMMENT'], rows)}${more}`,
  );
  return exitCodes.done;
}

async function restoreRevision(context: CommandContext): Promise<number> {
  const [database, revision] = words(context, 'database', 'revision');
  numberOf('The revision', revision ?? '');
  const policy = option(context, 'policy');
  const expect = option(context, 'expect');
  const client = await context.engine.api();
  const body = {
    comment: option(context, 'comment') ?? '',
    ...(policy === undefined ? {} : { policy }),
    ...(expect === undefined ? {} : { expectRevision: numberOf('--expect', expect) }),
  };
  const state = await publishWithTouch(context, client, {
    database,
    body: { kind: 'restore', revision: Number(revision), ...body },
    publish: async () =>
      await client.restorePolicyRevision({ params: { database, revision: revision ?? '' }, body }),
  });
  const value = { database, epoch: state.epoch, revision: state.revision };
  print(context, value, `${database} is at revision ${state.revision}, epoch ${state.epoch}.`);
  return exitCodes.done;
}

async function showAccess(context: CommandContext): Promise<number> {
  const [database] = words(context, 'database');
  const [user, tables] = [option(context, 'user'), option(context, 'table')];
  const client = await context.engine.api();
  const access = await client.getEffectiveAccess({
    params: { database },
    query: { ...(user === undefined ? {} : { user }), ...(tables === undefined ? {} : { table: tables }) },
  });
  print(context, access, accessText(access));
  return exitCodes.done;
}

async function explainColumn(context: CommandContext): Promise<number> {
  const [database, column] = words(context, 'database', 'column');
  const user = option(context, 'user');
  const client = await context.engine.api();
  const explanation = await client.explainColumn({
    params: { database },
    query: {
      column: column ?? '',
      operation: operationOf(option(context, 'operation')),
      ...(user === undefined ? {} : { user }),
    },
  });
  print(context, explanation, columnText(explanation));
  return exitCodes.done;
}

const operations = ['select', 'insert', 'update', 'delete'] as const;

function operationOf(text: string | undefined): (typeof operations)[number] {
  const found = operations.find((operation) => operation === (text ?? 'select'));
  if (found === undefined) throw new UsageError(`--operation is one of ${operations.join(', ')}.`);
  return found;
}

/** The words after the verb, exactly so many. */
function words(context: CommandContext, ...names: readonly string[]): [string, ...string[]] {
  const [verb, ...given] = context.positionals;
  const [first, ...rest] = given;
  if (first === undefined || given.length !== names.length) {
    throw new UsageError(`Use "policy ${verb} ${names.map((name) => `<${name}>`).join(' ')}".`);
  }
  return [first, ...rest];
}

async function fileOf(context: CommandContext): Promise<PolicyFile> {
  const file = option(context, 'file');
  if (file === undefined) throw new UsageError('-f FILE is missing.');
  const [, named] = context.positionals;
  const read = await readPolicyFile(file, context.stdin);
  if (named === undefined || named === read.database) return read;
  throw new AppError('INVALID_POLICY', {
    field: 'database',
    message: `The file is for ${read.database}, not for ${named}.`,
  });
}

function option(context: CommandContext, name: string): string | undefined {
  const value = context.values[name];
  return typeof value === 'string' ? value : undefined;
}

function numberOf(what: string, text: string): number {
  if (/^(0|[1-9][0-9]{0,8})$/.test(text)) return Number(text);
  throw new UsageError(`${what} is a number.`);
}
