import { open } from 'node:fs/promises';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { type CommandContext, UsageError } from './command.ts';

/** A token is short; what is longer is not one. Bytes. */
const maxTokenBytes = 4096;

/** The token that was given: by option, file, environment or pipe. Its own text is in no failure. */
export async function readToken(context: CommandContext): Promise<Secret> {
  const { token, 'token-file': file } = context.values;
  if (token !== undefined && file !== undefined)
    throw new UsageError('Give --token or --token-file, not both.');
  if (typeof token === 'string') return checkToken(token);
  if (typeof file === 'string' && file !== '-') return checkToken(await readTokenFile(file));
  if (file === undefined && context.config.token !== undefined) {
    return checkToken(context.config.token.reveal());
  }
  return checkToken(await readPiped(context));
}

/** Whether a token waits where none was pointed to: in DAAM_TOKEN, or in a pipe that is not empty. */
export async function isTokenGiven(context: CommandContext): Promise<boolean> {
  if (context.config.token !== undefined) return true;
  return context.stdin.isTTY !== true && (await readPiped(context)).trim() !== '';
}

const piped = new WeakMap<CommandContext['stdin'], Promise<string>>();

/** Standard input can be read once. */
function readPiped({ stdin }: CommandContext): Promise<string> {
  const reading = piped.get(stdin) ?? readAll(stdin);
  piped.set(stdin, reading);
  return reading;
}

async function readTokenFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxTokenBytes + 1), 0, maxTokenBytes + 1, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new AppError('INVALID_INPUT', {
      field: 'token-file',
      message: 'The token file cannot be read.',
      cause,
    });
  }
}

async function readAll(stdin: CommandContext['stdin']): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > maxTokenBytes) break;
  }
  return text;
}

function checkToken(text: string): Secret {
  const token = text.trim();
  // Whatever is wrong with it, the message must not repeat it.
  if (!/^[\x21-\x7e]+$/.test(token) || token.length > maxTokenBytes) {
    throw new AppError('INVALID_INPUT', { field: 'token', message: 'What was given is not an API token.' });
  }
  return new Secret(token);
}
