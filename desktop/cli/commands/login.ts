import { open } from 'node:fs/promises';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { type Command, type CommandContext, exitCodes, print, UsageError } from '../command.ts';

/** A token is short; what is longer is not one. Bytes. */
const maxTokenBytes = 4096;

/** `daam login` */
export const loginCommand: Command = {
  name: 'login',
  summary: 'Sign this device in to a control plane with an API token.',
  usage: 'login --control-plane URL [--token-file FILE | --token TOKEN] [--secret-store keyring|file]',
  details: `
  --control-plane URL    https://host[:port]; plain http for localhost only (DAAM_CONTROL_PLANE_URL)
  --token-file FILE      read the API token from a file; - is standard input
  --token TOKEN          the API token itself; every user of this machine can see it in the list of
                         processes and it stays in the shell's history: prefer standard input or a file
  --secret-store KIND    keyring (default): the operating system's; file: files that only you can read,
                         for machines without a desktop (DAAM_SECRET_STORE)

Without --token and --token-file the token is taken from DAAM_TOKEN, else from standard input:
  daam login --control-plane https://daam.example.com < token.txt`,
  options: {
    'control-plane': { type: 'string' },
    token: { type: 'string' },
    'token-file': { type: 'string' },
    'secret-store': { type: 'string' },
  },
  positionals: { min: 0, max: 0 },
  run: async (context) => {
    const controlPlane = context.values['control-plane'] ?? context.config.controlPlane;
    if (typeof controlPlane !== 'string') throw new UsageError('--control-plane is missing.');
    const token = await readToken(context);
    const account = await context.engine.login({ controlPlane, token });
    const { user, organization, device, secretStore } = account;
    const value = {
      controlPlane: account.controlPlane,
      user: { id: user.id, email: user.email },
      organization,
      device: { id: device.id, name: device.name },
      secretStore,
    };
    const where = secretStore === 'keyring' ? 'the keyring of this system' : 'files that only you can read';
    print(
      context,
      value,
      `Signed in as ${user.email} (${organization.name}). The key of this device is in ${where}.`,
    );
    return exitCodes.done;
  },
};

async function readToken(context: CommandContext): Promise<Secret> {
  const { token, 'token-file': file } = context.values;
  if (token !== undefined && file !== undefined)
    throw new UsageError('Give --token or --token-file, not both.');
  if (typeof token === 'string') return checkToken(token);
  if (typeof file === 'string' && file !== '-') return checkToken(await readTokenFile(file));
  if (file === undefined && context.config.token !== undefined) {
    return checkToken(context.config.token.reveal());
  }
  if (context.stdin.isTTY === true) {
    throw new UsageError('A token is missing: give --token-file FILE, or the token on standard input.');
  }
  return checkToken(await readAll(context.stdin));
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
