import type { Account } from '../../engine/account.ts';
import { type Command, type CommandContext, exitCodes, print, UsageError } from '../command.ts';
import { isTokenGiven, readToken } from '../read-token.ts';
import { signInWay, untilInterrupted } from '../show-sign-in.ts';

/** `daam login` */
export const loginCommand: Command = {
  name: 'login',
  summary: 'Sign this device in, with a passkey in the browser.',
  usage: 'login --control-plane URL [--no-browser | --device-code | --token-file FILE | --token TOKEN]',
  details: `
  --control-plane URL    https://host[:port]; plain http for localhost only (DAAM_CONTROL_PLANE_URL). Default: where
                         this device is signed in
  --no-browser           print the page's address, open nothing
  --device-code          for a machine without a browser: sign in on any other device with a code
  --login-hint EMAIL     who signs in
  --organization NAME    where the control plane has several
  --secret-store KIND    keyring (default): the operating system's; file: files that only you can read,
                         for machines without a desktop; keytar: the keyring by that module, where it is installed
                         (DAAM_SECRET_STORE)
  --token-file FILE      development: read an API token from a file; - is standard input
  --token TOKEN          development: the API token itself; every user of this machine can see it in the list of
                         processes and it stays in the shell's history: prefer standard input or a file

A token is also taken from DAAM_TOKEN and from a pipe:
  daam login --control-plane https://daam.example.com < token.txt
With --json the page (or code) is one JSON object on a line of standard error: {"open","matchCode"} or
{"verificationUri","verificationUriComplete","userCode","fingerprint","expiresIn"}.`,
  options: {
    'control-plane': { type: 'string' },
    'no-browser': { type: 'boolean' },
    'device-code': { type: 'boolean' },
    'login-hint': { type: 'string' },
    organization: { type: 'string' },
    token: { type: 'string' },
    'token-file': { type: 'string' },
    'secret-store': { type: 'string' },
  },
  positionals: { min: 0, max: 0 },
  run: async (context) => {
    const { values, engine } = context;
    const held = values['control-plane'] ?? context.config.controlPlane;
    const controlPlane = held ?? (await engine.status()).account?.controlPlane;
    if (typeof controlPlane !== 'string') throw new UsageError('--control-plane is missing.');
    const token = (await wantsToken(context)) ? await readToken(context) : null;
    const account =
      token === null
        ? await signInWithPasskey(context, controlPlane)
        : await engine.login({ controlPlane, token });
    tell(context, account);
    return exitCodes.done;
  },
};

/** Whoever asks for a way gets it; else a token that was given in one of its places is taken. */
async function wantsToken(context: CommandContext): Promise<boolean> {
  const { values } = context;
  const isPasskey = values['no-browser'] === true || values['device-code'] === true;
  const isToken = values['token'] !== undefined || values['token-file'] !== undefined;
  if (isPasskey && isToken) throw new UsageError('Give a token, or sign in with a passkey; not both.');
  if (isPasskey) return false;
  return isToken || (await isTokenGiven(context));
}

async function signInWithPasskey(context: CommandContext, controlPlane: string): Promise<Account> {
  const { values, engine } = context;
  const { signal, release } = untilInterrupted(context);
  const way = signInWay(
    context,
    values['device-code'] === true ? 'device-code' : values['no-browser'] === true ? 'print' : 'browser',
  );
  try {
    return await engine.loginWithPasskey({
      controlPlane,
      way,
      signal,
      loginHint: text(values['login-hint']),
      organization: text(values['organization']),
    });
  } finally {
    release();
  }
}

function tell(context: CommandContext, account: Account): void {
  const { user, organization, device, secretStore, signedInWith } = account;
  const value = {
    controlPlane: account.controlPlane,
    user: { id: user.id, email: user.email },
    organization,
    device: { id: device.id, name: device.name },
    secretStore,
    signedInWith,
  };
  const where = secretStore === 'keyring' ? 'the keyring of this system' : 'files that only you can read';
  print(
    context,
    value,
    `Signed in as ${user.email} (${organization.name}). The key of this device is in ${where}.`,
  );
}

function text(value: string | boolean | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
