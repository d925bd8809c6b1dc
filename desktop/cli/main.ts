#!/usr/bin/env node
/** The command `daam`: reads the process, runs one command, sets the exit code. */
import { constants } from 'node:os';
import type { InterruptSignal } from './command.ts';
import { processEnvironment } from './config.ts';

const listeners = new Set<(signal: InterruptSignal) => void>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (listeners.size === 0) process.exit(128 + constants.signals[signal]);
    for (const listener of listeners) listener(signal);
  });
}

// A reader that goes away (`daam databases | head -1`) is not a failure.
process.stdout.on('error', () => process.exit(0));

const argv = process.argv.slice(2);
if (argv[0] === 'complete') {
  // For the shells' scripts, between two keys: without the rest of the program.
  const { complete } = await import('./completion/complete.ts');
  process.exitCode = await complete(argv.slice(1), process.stdout);
} else {
  const { runCli } = await import('./run-cli.ts');
  process.exitCode = await runCli({
    argv,
    env: processEnvironment(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    onSignal: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
}
