/** Connecting, and signing in again on the way where the person is there to do it. */
import type { LocalEndpoint } from '../engine/engine.ts';
import type { ConnectOptions } from '../engine/engine-options.ts';
import { type CommandContext, UsageError } from './command.ts';
import { type SignInHow, signInWay, untilInterrupted } from './show-sign-in.ts';

/** The option of every command that connects. */
export const signInOption = { 'sign-in': { type: 'string' } } as const;

/** Its lines in the help. */
export const signInHelp = `
  --sign-in HOW  what to do when the sign-in has ended, or is too old for the database: browser, print (the page's
                 address), device-code, or never. Default: browser at a terminal, else never`;

/** Opens the port as Engine.connect does; when a newer sign-in is what is missing, asks for it once and goes on. */
export async function connectSignedIn(
  context: CommandContext,
  database: string,
  options: ConnectOptions,
): Promise<LocalEndpoint> {
  const { engine } = context;
  const how = howToSignIn(context);
  const local = await engine.connect(database, options);
  if (how === 'never' || !(await isSignInWanted(context, local))) return local;
  context.stderr.write(`${local.failure?.message ?? 'A new sign-in is needed.'}\n`);
  const { signal, release } = untilInterrupted(context);
  try {
    await engine.signInAgain({ way: signInWay(context, how), signal });
  } finally {
    release();
  }
  return await engine.connect(database, options);
}

/** A person who is signed in by a token has no passkey to touch. */
async function isSignInWanted({ engine }: CommandContext, { failure }: LocalEndpoint): Promise<boolean> {
  const isOld = failure?.code === 'STEP_UP_REQUIRED' || failure?.code === 'EXPIRED_CERTIFICATE';
  return isOld && (await engine.status()).account?.signedInWith === 'passkey';
}

function howToSignIn({ values, stdin }: CommandContext): SignInHow | 'never' {
  const asked = values['sign-in'];
  if (asked === undefined) return stdin.isTTY === true ? 'browser' : 'never';
  if (asked === 'browser' || asked === 'print' || asked === 'device-code' || asked === 'never') return asked;
  throw new UsageError('--sign-in is browser, print, device-code or never.');
}
