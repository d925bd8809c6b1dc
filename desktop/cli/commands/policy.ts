import { readFile, stat } from 'node:fs/promises';
import { AppError } from '@daam/shared/errors/app-error';
import { parse, stringify } from 'yaml';
import { type Command, type CommandContext, exitCodes, print, UsageError } from '../command.ts';

const maxPolicyBytes = 1024 * 1024;

/** `daam policy` */
export const policyCommand: Command = {
  name: 'policy',
  summary: 'Read or replace the policies of a database as one document (administrators).',
  usage: 'policy get <database> | policy apply -f FILE [--json]',
  details: `
  get <database>     print the document in force as YAML, or as JSON with --json
  apply -f FILE      replace it by the document in FILE (YAML or JSON), which names its database`,
  options: { file: { type: 'string', short: 'f' } },
  positionals: { min: 1, max: 2 },
  run: async (context) => {
    const [verb, database] = context.positionals;
    if (verb === 'get' && database !== undefined) return getPolicies(context, database);
    if (verb === 'apply' && database === undefined) return applyPolicies(context);
    throw new UsageError('Use "policy get <database>" or "policy apply -f FILE".');
  },
};

async function getPolicies(context: CommandContext, database: string): Promise<number> {
  const client = await context.engine.api();
  const { document } = await client.getPolicies({ params: { database } });
  print(context, document, stringify(document).trimEnd());
  return exitCodes.done;
}

async function applyPolicies(context: CommandContext): Promise<number> {
  const { file } = context.values;
  if (typeof file !== 'string') throw new UsageError('-f FILE is missing.');
  const document = await readDocument(file);
  const database = document['database'];
  if (typeof database !== 'string') {
    throw new AppError('INVALID_POLICY', {
      field: 'database',
      message: 'The document does not name its database.',
    });
  }
  const client = await context.engine.api();
  const { epoch, policies } = await client.putPolicies({ params: { database }, body: document });
  const value = { database, epoch, policies: policies.map(({ name, version }) => ({ name, version })) };
  const names = policies.map(({ name, version }) => `${name} v${version}`).join(', ');
  print(context, value, `${database} is at epoch ${epoch}: ${names === '' ? 'no policy' : names}.`);
  return exitCodes.done;
}

async function readDocument(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    if ((await stat(path)).size > maxPolicyBytes) throw new RangeError('too large');
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('INVALID_INPUT', {
      field: 'file',
      message: `The file ${path} cannot be read.`,
      cause,
    });
  }
  try {
    // JSON is YAML too. Few aliases: a small file must not grow into a large document.
    const value: unknown = parse(text, { maxAliasCount: 100 });
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw new AppError('INVALID_POLICY', { message: `The file ${path} is not valid YAML.`, cause });
  }
  throw new AppError('INVALID_POLICY', { message: `The file ${path} does not hold a policy document.` });
}
