import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { exportQuery } from '@daam/shared/api/routes/audit';
import type { StatementView } from '@daam/shared/api/routes/audit';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { verdictText, verifyFile } from '../audit/verify-file.ts';
import { type Command, type CommandContext, exitCodes, print, table, UsageError } from '../command.ts';

/** `daam audit` */
export const auditCommand: Command = {
  name: 'audit',
  summary: 'Export the audit log, verify an export offline, search statements (auditors, administrators).',
  usage: 'audit export | verify [FILE] | search [WORDS] | readers TABLE | checkpoints | keys [options]',
  details: `
  export              the log as lines of JSON, on standard output or to -o FILE (a new file)
  verify [FILE]       verify such an export, from standard input without FILE; asks nobody over the network
  search [WORDS]      statements that have all words; word* for a beginning, -word for none of it
  readers TABLE       who read a table (schema.table), how often and when; --operation for something else
  checkpoints         signed checkpoints as lines of JSON: keep them where the operator cannot write
  keys                ids of the organization's public keys, for --key

  -o, --output FILE   (export) write to this file, which must not exist
  --format FORMAT     (export) jsonl, which can be verified (default), or csv
  --class CLASS       (export) all (default), connections, statements, activity
  --key ID[,ID]       (verify) trust these keys and no others
  --checkpoints FILE  (verify) compare with checkpoints that were kept
  --from, --until     ISO times; a date alone is its beginning in UTC
  --database NAME, --user ID, --session ID, --table TABLE, --operation OP, --decision allow|deny, --text WORDS
                      only such records; of an export with a filter only what is in it is proved
  --limit N           (search) how many, at most 500 (default 50)

verify ends with 0 when everything is as it was written, and with 1 when not: it then names the place.`,
  options: {
    output: { type: 'string', short: 'o' },
    format: { type: 'string' },
    class: { type: 'string' },
    key: { type: 'string' },
    checkpoints: { type: 'string' },
    from: { type: 'string' },
    until: { type: 'string' },
    database: { type: 'string' },
    user: { type: 'string' },
    session: { type: 'string' },
    table: { type: 'string' },
    operation: { type: 'string' },
    decision: { type: 'string' },
    text: { type: 'string' },
    limit: { type: 'string' },
  },
  positionals: { min: 1, max: 17 },
  run: async (context) => {
    const [verb = '', ...words] = context.positionals;
    const run = verbs[verb];
    if (run === undefined || words.length > run.words)
      throw new UsageError(`Usage: daam ${auditCommand.usage}`);
    refuseOthers(context, run.options);
    return await run.run(context, words);
  },
};

interface Verb {
  readonly words: number;
  readonly options: readonly string[];
  readonly run: (context: CommandContext, words: readonly string[]) => Promise<number>;
}

const filters = ['from', 'until', 'database', 'user', 'session', 'table', 'operation', 'decision'] as const;

const verbs: Readonly<Record<string, Verb>> = Object.assign(Object.create(null) as Record<string, Verb>, {
  export: { words: 0, options: ['output', 'format', 'class', 'text', ...filters], run: exportLog },
  verify: { words: 1, options: ['key', 'checkpoints'], run: verify },
  search: { words: 16, options: ['limit', ...filters], run: search },
  readers: { words: 1, options: ['from', 'until', 'database', 'operation'], run: readers },
  checkpoints: { words: 0, options: [], run: checkpoints },
  keys: { words: 0, options: [], run: keys },
} satisfies Record<string, Verb>);

function refuseOthers({ values }: CommandContext, options: readonly string[]): void {
  const own = new Set([...options, 'json', 'help', 'state-dir', 'secret-store']);
  const other = Object.keys(values).find((name) => !own.has(name));
  if (other !== undefined) throw new UsageError(`--${other} does not belong here.`);
}

async function exportLog(context: CommandContext): Promise<number> {
  const text = textOf(context, 'text');
  const asked = {
    ...(await filterOf(context)),
    ...given('format', textOf(context, 'format')),
    ...given('class', textOf(context, 'class')),
    ...given('text', text),
  };
  const query = exportQuery.safeParse(asked);
  if (!query.success) throw new UsageError(`--${query.error.issues[0]?.path.join('.') ?? ''} is not valid.`);
  const output = textOf(context, 'output');
  const client = await context.engine.api();
  const to = output === undefined ? null : await createFile(output);
  const stream = await client.exportAudit({ query: query.data });
  try {
    await pipeTo(stream, to, context.stdout);
  } catch (cause) {
    const hint = 'What was written is not complete: export it again.';
    throw new AppError(toAppError(cause).code === 'CANCELLED' ? 'CANCELLED' : 'CONTROL_PLANE_UNAVAILABLE', {
      message: 'The export broke off.',
      hint,
      cause,
    });
  }
  if (output !== undefined) print(context, { file: output }, `Written to ${output}.`);
  return exitCodes.done;
}

/** New and for nobody else: it holds what people ran. */
async function createFile(path: string): Promise<Writable> {
  try {
    const handle = await open(path, 'wx', 0o600);
    return createWriteStream('', { fd: handle });
  } catch (cause) {
    const message = `The file ${path} cannot be made. Is it there already?`;
    throw new AppError('INVALID_INPUT', { field: 'output', message, cause });
  }
}

async function pipeTo(
  stream: ReadableStream<Uint8Array>,
  file: Writable | null,
  stdout: Writable,
): Promise<void> {
  const from = Readable.fromWeb(stream);
  if (file === null) await pipeline(from, stdout, { end: false });
  else await pipeline(from, file);
}

async function verify(context: CommandContext, [file = '-']: readonly string[]): Promise<number> {
  const verdict = await verifyFile({
    file,
    stdin: context.stdin,
    keys: textOf(context, 'key'),
    checkpoints: textOf(context, 'checkpoints'),
  });
  const value =
    verdict.kind === 'ok' ? { ok: true, ...verdict.summary } : { ok: false, fault: verdict.fault };
  print(context, value, verdictText(verdict));
  return verdict.kind === 'ok' ? exitCodes.done : exitCodes.failed;
}

async function search(context: CommandContext, words: readonly string[]): Promise<number> {
  const limit = Number(textOf(context, 'limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw new UsageError('--limit is from 1 to 500.');
  const client = await context.engine.api();
  const filter = exportQuery.safeParse({ ...(await filterOf(context)), ...given('text', words.join(' ')) });
  if (!filter.success)
    throw new UsageError(`--${filter.error.issues[0]?.path.join('.') ?? ''} is not valid.`);
  const { format: _format, class: _class, ...query } = filter.data;
  const page = await client.listStatements({ query: { ...query, limit } });
  const rows = page.items.map(rowOf);
  const more = page.next === null ? '' : `\nThe newest ${limit}; there are more.`;
  const text =
    rows.length === 0
      ? 'No statement.'
      : table(['at', 'user', 'decision', 'rows', 'ms', 'text'], rows) + more;
  print(context, { statements: page.items, next: page.next }, text);
  return exitCodes.done;
}

function rowOf({ at, user, event, end }: StatementView): string[] {
  const { text, detail, decision, rule } = event;
  const shown = typeof text === 'string' ? text : typeof detail === 'string' ? detail : '';
  const decided = [decision, rule].filter((part) => typeof part === 'string').join(' ');
  return [
    at,
    user ?? '',
    decided,
    end === null ? '' : String(end.rows),
    end === null ? '' : end.durationMs.toFixed(1),
    shown.replaceAll(/\s+/g, ' ').slice(0, 120),
  ];
}

async function readers(context: CommandContext, [name]: readonly string[]): Promise<number> {
  if (name === undefined) throw new UsageError('Which table? Write it with its schema: public.customers');
  const client = await context.engine.api();
  const filter = exportQuery.safeParse({ ...(await filterOf(context)), table: name });
  if (!filter.success) throw new UsageError('The table is schema.table, times are ISO.');
  const { from, until, database, operation } = filter.data;
  const { items } = await client.listTableReaders({
    params: { table: name },
    query: {
      ...given('from', from),
      ...given('until', until),
      ...given('database', database),
      ...given('operation', operation),
    },
  });
  const rows = items.map(({ user, email, statements, first, last }) => [
    email ?? user ?? '',
    String(statements),
    first,
    last,
  ]);
  print(
    context,
    { readers: items },
    rows.length === 0 ? 'Nobody.' : table(['who', 'statements', 'first', 'last'], rows),
  );
  return exitCodes.done;
}

/** Lines of JSON in any case: they are made to be kept. */
async function checkpoints({ engine, stdout }: CommandContext): Promise<number> {
  const client = await engine.api();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof client.listCheckpoints>> = await client.listCheckpoints({
      query: { limit: 500, ...(after === null ? {} : { after }) },
    });
    for (const checkpoint of page.items) stdout.write(`${JSON.stringify(checkpoint)}\n`);
    after = page.next;
  } while (after !== null);
  return exitCodes.done;
}

async function keys(context: CommandContext): Promise<number> {
  const { orgKeys } = await (await context.engine.api()).getOrganization();
  print(context, { keys: orgKeys }, orgKeys.map(({ kid }) => kid).join('\n'));
  return exitCodes.done;
}

/** The filter options. A database is given by its name or id. */
async function filterOf(context: CommandContext): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of filters) {
    const value = textOf(context, name);
    if (value !== undefined) found[name] = name === 'from' || name === 'until' ? timeOf(value) : value;
  }
  const { database } = found;
  if (database === undefined) return found;
  const { items } = await (await context.engine.api()).listDatabases();
  const match = items.find(({ id, name }) => id === database || name === database);
  if (match === undefined)
    throw new AppError('NOT_FOUND', { message: `There is no database "${database}".` });
  return { ...found, database: match.id };
}

function timeOf(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new UsageError(`"${text}" is not a time as 2026-03-01 or 2026-03-01T12:00:00Z.`);
  return time.toISOString();
}

function textOf({ values }: CommandContext, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return value === undefined || value === '' ? {} : ({ [name]: value } as { [N in Name]?: Value });
}
