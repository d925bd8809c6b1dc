/**
 * `npm run trace -- <port>`: passes a PostgreSQL connection through and prints its messages, values hidden.
 *
 *   npm run trace -- 7500                              prints what goes to 127.0.0.1:7440
 *   npm run trace -- 7500 --to 127.0.0.1:5432 --show-values
 *
 * Clients must connect with sslmode=prefer or disable: a request for encryption is answered with "no" here, since
 * encrypted bytes cannot be shown. For development only; it listens on the loopback address alone.
 */
import { parseArgs } from 'node:util';
import { startTraceProxy, type TraceProxy } from './trace-proxy.ts';

const usage = `Usage: npm run trace -- <port> [--to host:port] [--show-values]
  <port>           listen on 127.0.0.1:<port>
  --to host:port   pass on to this server (default 127.0.0.1:7440)
  --show-values    print SQL, parameters, rows and messages, not only their sizes`;

interface Arguments {
  readonly port: number;
  readonly host: string;
  readonly toPort: number;
  readonly showValues: boolean;
}

function readArguments(argv: readonly string[]): Arguments | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        to: { type: 'string', default: '127.0.0.1:7440' },
        'show-values': { type: 'boolean', default: false },
      },
    });
    const target = /^(\[[0-9a-fA-F:]+\]|[^:]+):(\d{1,5})$/.exec(values.to);
    const port = Number(positionals[0]);
    if (positionals.length !== 1 || !isPort(port) || target === null || !isPort(Number(target[2])))
      return null;
    const host = (target[1] ?? '').replace(/^\[|\]$/g, '');
    return { port, host, toPort: Number(target[2]), showValues: values['show-values'] };
  } catch {
    return null;
  }
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65_535;
}

async function main(): Promise<void> {
  const found = readArguments(process.argv.slice(2));
  if (found === null) {
    console.error(usage);
    process.exitCode = 64;
    return;
  }
  const { port, host, toPort, showValues } = found;
  const proxy: TraceProxy = await startTraceProxy({
    port,
    target: { host, port: toPort },
    showValues,
    print: (line) => console.log(line),
  });
  console.error(`listening on 127.0.0.1:${proxy.port}, passing on to ${host}:${toPort}`);
  const stop = (): void => void proxy[Symbol.asyncDispose]();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
