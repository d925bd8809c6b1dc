/** The options of `npm start -- …`. */
import { parseArgs } from 'node:util';
import { Secret } from '@daam/shared/base/secret';
import { isSupportedMajor, type PostgresMajor } from '@daam/shared/domain/postgres-version';
import { AppError } from '@daam/shared/errors/app-error';
import { maxPortBase } from './ports.ts';

export const pathChoices = ['direct', 'relay', 'auto'] as const;

/** What was asked for. */
export interface StartOptions {
  readonly json: boolean;
  /** Another server instead of the embedded one; it holds a password. */
  readonly upstreamDsn: Secret | null;
  readonly major: PostgresMajor;
  readonly policyFile: string | null;
  readonly stateDir: string;
  readonly fresh: boolean;
  readonly portBase: number;
  readonly path: (typeof pathChoices)[number];
  readonly ui: boolean;
  /** How developers reach the agent; the tunnel unless told. Plain loopback is for measurements alone. */
  readonly transport?: 'tunnel' | 'loopback';
  /** Another main file for the agent, with its environment: the benchmark has one of its own. */
  readonly agentMain?: { readonly main: string; readonly env: Readonly<Record<string, string>> };
}

export const usage = `Usage: npm start -- [options]

  --json               print one JSON object when all is ready; logs go to stderr
  --upstream-dsn DSN   use this PostgreSQL server; its role must be able to create roles and to grant
                       (DAAM_DEV_UPSTREAM_DSN keeps the password out of the process list)
  --postgres MAJOR     embedded PostgreSQL, 13 to 18 (default 18)
  --policy FILE        policy document, YAML or JSON, instead of the sample policy
  --state-dir DIR      where everything is kept (default .daam)
  --fresh              forget that state first
  --port-base N        all ports follow from N (default 7400)
  --path PATH          through the tunnel: direct, relay, or auto, which is direct where it can be (default auto)
  --no-ui              do not serve the app
  --help               this text
`;

/** Reads the arguments; INVALID_INPUT names the option that is wrong. `help` asks for `usage`. */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): StartOptions | 'help' {
  const { values } = parse(args);
  if (values.help === true) return 'help';
  const dsn = values['upstream-dsn'] ?? env['DAAM_DEV_UPSTREAM_DSN'];
  if (dsn !== undefined && !/^postgres(ql)?:\/\//.test(dsn))
    throw invalid('upstream-dsn', 'a postgres:// URL');
  const major = wholeNumber('postgres', values.postgres);
  if (!isSupportedMajor(major)) throw invalid('postgres', '13 to 18');
  const portBase = wholeNumber('port-base', values['port-base']);
  if (portBase < 1024 || portBase > maxPortBase) throw invalid('port-base', `1024 to ${maxPortBase}`);
  const path = pathChoices.find((choice) => choice === values.path);
  if (path === undefined) throw invalid('path', pathChoices.join(', '));
  return {
    json: values.json === true,
    upstreamDsn: dsn === undefined ? null : new Secret(dsn),
    major,
    policyFile: values.policy ?? null,
    stateDir: values['state-dir'],
    fresh: values.fresh === true,
    portBase,
    path,
    ui: values['no-ui'] !== true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        'upstream-dsn': { type: 'string' },
        postgres: { type: 'string', default: '18' },
        policy: { type: 'string' },
        'state-dir': { type: 'string', default: '.daam' },
        fresh: { type: 'boolean' },
        'port-base': { type: 'string', default: '7400' },
        path: { type: 'string', default: 'auto' },
        'no-ui': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new AppError('INVALID_INPUT', {
      message: cause instanceof Error ? cause.message : 'bad options',
      cause,
    });
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw invalid(option, 'a whole number');
  return Number(text);
}

function invalid(option: string, wanted: string): AppError {
  return new AppError('INVALID_INPUT', { message: `--${option}: ${wanted}`, field: option });
}
