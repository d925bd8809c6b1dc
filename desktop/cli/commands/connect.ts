import { addressWords } from '../../engine/local-address.ts';
import { noticeWords, type SignInNotice } from '../../engine/sign-in/sign-in-notice.ts';
import { type Command, type CommandContext, exitCodes, print, UsageError } from '../command.ts';
import { connectSignedIn, signInHelp, signInOption } from '../connect-signed-in.ts';

/** `daam connect` */
export const connectCommand: Command = {
  name: 'connect',
  summary: 'Open a local port for a database until Ctrl-C.',
  usage: 'connect <database> [--port PORT] [--socket] [--idle MINUTES] [--sign-in HOW] [--json]',
  details: `
  --port PORT    this port on 127.0.0.1; 0 takes any. Default: the port that the database got the first time
  --socket       no TCP port but a Unix socket, in a folder that only you can enter
  --idle MINUTES close when no client was there for so long. Default: never${signInHelp}

With --json one object is printed when the port is open: {"database","host","port","user","dsn",
"path","failure"}; a failure is why clients are refused for now.`,
  options: {
    port: { type: 'string' },
    socket: { type: 'boolean' },
    idle: { type: 'string' },
    ...signInOption,
  },
  positionals: { min: 1, max: 1 },
  run: async (context) => {
    const port = readPort(context.values['port']);
    const local = await connectSignedIn(context, context.positionals[0] ?? '', {
      ...(port === undefined ? {} : { port }),
      ...(context.values['socket'] === true ? { place: 'socket' } : {}),
      idleCloseMs: readIdle(context.values['idle']),
    });
    const interrupted = new Promise<'signal'>((resolve) => context.onSignal(() => resolve('signal')));
    const { database, host, user, dsn, path, failure } = local;
    const value = { database, host, port: local.port, user, dsn, path, failure };
    if (failure !== null) {
      context.stderr.write(
        `Clients are refused for now: ${failure.message}${failure.hint === null ? '' : ` ${failure.hint}`}\n`,
      );
    }
    print(
      context,
      value,
      `${database} is on ${addressWords(local)} until Ctrl-C. ${await passwordWords(context)}\n\n  psql "${dsn}"\n`,
    );
    const stopWatching = watchSignIn(context);
    const ending = await Promise.race([interrupted, whenClosed(context, local.databaseId)]);
    stopWatching();
    if (ending === 'signal') return exitCodes.done;
    context.stderr.write(`${database} was disconnected elsewhere, or nobody used it.\n`);
    return exitCodes.failed;
  },
};

/** The port may be another process's of this device, and that may close it for everybody. */
function whenClosed({ engine }: CommandContext, databaseId: string): Promise<'closed'> {
  return new Promise((resolve) => {
    const unsubscribe = engine.subscribe(() => {
      engine.status().then(
        ({ connections }) => {
          if (connections.some((each) => each.databaseId === databaseId)) return;
          unsubscribe();
          resolve('closed');
        },
        () => {},
      );
    });
  });
}

const lookEveryMs = 60_000;

/** Says it once before the sign-in ends and once when it has; a new sign-in elsewhere begins that anew. */
function watchSignIn({ engine, stderr }: CommandContext): () => void {
  let told: SignInNotice['kind'] = 'fine';
  const look = async (): Promise<void> => {
    const { notice } = await engine.status();
    const words = noticeWords(notice);
    if (notice.kind !== told && words !== null) stderr.write(`${words}\n`);
    told = notice.kind;
  };
  const lookQuietly = (): void => void look().catch(() => {});
  lookQuietly();
  const timer = setInterval(lookQuietly, lookEveryMs);
  return () => clearInterval(timer);
}

async function passwordWords({ engine }: CommandContext): Promise<string> {
  return (await engine.localPassword()) === null
    ? 'No password is needed.'
    : '"daam password show" prints the password.';
}

/** Minutes as written, in milliseconds; null when nothing is. */
function readIdle(text: string | boolean | undefined): number | null {
  if (text === undefined) return null;
  const minutes = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (minutes < 1) throw new UsageError('--idle is a number of minutes, from 1.');
  return minutes * 60_000;
}

/** A port number as written. Anything else is wrong usage. */
function readPort(text: string | boolean | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new UsageError('--port is a number from 0 to 65535.');
  return port;
}
