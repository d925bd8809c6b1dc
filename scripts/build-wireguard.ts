/**
 * `npm run build:wireguard [-- --all]`: builds the sidecar for this machine, or for every platform that the app is packed
 * for, into shared/wireguard/dist/<os>-<arch>, named as electron-builder names them.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { goFolder, goMissing } from './go-tool.ts';
import { printResult, runStep } from './step.ts';

const systems = { linux: 'linux', mac: 'darwin', win: 'windows' } as const;
const architectures = { x64: 'amd64', arm64: 'arm64' } as const;
type System = keyof typeof systems;
type Architecture = keyof typeof architectures;

const systemByPlatform: Partial<Record<NodeJS.Platform, System>> = {
  linux: 'linux',
  darwin: 'mac',
  win32: 'win',
};

async function build(system: System, architecture: Architecture): Promise<boolean> {
  const folder = join(goFolder, 'dist', `${system}-${architecture}`);
  await mkdir(folder, { recursive: true });
  const file = join(folder, system === 'win' ? 'daam-tunnel.exe' : 'daam-tunnel');
  const target = [`GOOS=${systems[system]}`, `GOARCH=${architectures[architecture]}`, 'CGO_ENABLED=0'];
  const go = ['go', 'build', '-C', goFolder, '-trimpath', '-ldflags=-s -w', '-o', file, './cmd/daam-tunnel'];
  const result = await runStep({ name: `${system}-${architecture}`, command: ['env', ...target, ...go] });
  printResult(result);
  return result.isPassed;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
  const missing = goMissing();
  if (missing !== null) {
    process.stderr.write(`The sidecar cannot be built: ${missing}.\n`);
    return 1;
  }
  const here = systemByPlatform[process.platform];
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
  if (!values.all && here === undefined) {
    process.stderr.write(`There is no sidecar for ${process.platform}.\n`);
    return 1;
  }
  const targets: [System, Architecture][] = values.all
    ? (Object.keys(systems) as System[]).flatMap((system): [System, Architecture][] => [
        [system, 'x64'],
        [system, 'arm64'],
      ])
    : [[here as System, architecture]];
  let isPassed = true;
  for (const [system, each] of targets) isPassed = (await build(system, each)) && isPassed;
  return isPassed ? 0 : 1;
}

process.exitCode = await main();
