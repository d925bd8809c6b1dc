/** `npm start`: boots the whole system, says how to use it, stops it on Ctrl-C or SIGTERM. */
import { toAppError } from '@daam/shared/errors/app-error';
import { terminalLogger } from './log.ts';
import { parseOptions, type StartOptions, usage } from './options.ts';
import { describeReady } from './ready.ts';
import { startSystem, type System } from './system.ts';

const usageError = 64;

function readOptions(): StartOptions | null {
  try {
    const options = parseOptions(process.argv.slice(2), process.env);
    if (options !== 'help') return options;
    process.stdout.write(usage);
  } catch (error) {
    process.stderr.write(`${toAppError(error).message}\n\n${usage}`);
    process.exitCode = usageError;
  }
  return null;
}

/** npm that is killed tells nobody; its children are then given to another parent. */
function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, 500);
  timer.unref();
}

async function run(options: StartOptions): Promise<void> {
  const logger = terminalLogger((line) => process.stderr.write(line));
  const stop = Promise.withResolvers<string>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop.resolve(signal));
  if (process.env['npm_lifecycle_event'] === 'start') watchParent(() => stop.resolve('npm is gone'));
  // A terminal or pipe that went away must not keep the system from being stopped.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => stop.resolve('output closed'));

  let system: System | string;
  try {
    system = await Promise.race([startSystem(options, logger), stop.promise]);
  } catch (thrown) {
    const { code, message, detail, hint } = toAppError(thrown);
    logger.error({ code }, [message, hint, detail].filter((text) => text !== undefined).join('\n'));
    process.exitCode = 1;
    return;
  }
  if (typeof system === 'string') {
    // What was started already ends by itself when this process does: guardian.ts, and the servers' watchdogs.
    logger.warn({ reason: system }, 'stopped before it was ready');
    process.exitCode = 1;
    return;
  }
  process.stdout.write(
    options.json ? `${JSON.stringify(system.ready)}\n` : describeReady(system.ready, system),
  );
  const reason = await stop.promise;
  logger.info({ reason }, 'stopping');
  await system[Symbol.asyncDispose]();
  logger.info({}, 'stopped');
}

const options = readOptions();
if (options !== null) await run(options);
// Whatever still holds the event loop open has nothing left to do.
process.exit();
