/** Results of the tunnel's benchmark as text: medians, ratios, aims. */
import { median } from '../statistics.ts';
import type { CrowdResult } from './crowd.ts';

/** One value of one round. */
export interface Sample {
  readonly row: string;
  readonly way: string;
  readonly value: number;
}

export interface Row {
  readonly name: string;
  readonly unit: 'ms' | 'Mbit/s';
}

export const baselines = ['loopback', 'ssh -L', 'wireproxy'] as const;
export const ours = ['direct', 'relay'] as const;

/** The median over the rounds; NaN when it was not measured. */
export function valueOf(samples: readonly Sample[], row: string, way: string): number {
  return median(samples.filter((each) => each.row === row && each.way === way).map(({ value }) => value));
}

/** Medians of every way, then ours against the others. */
export function tunnelTables(samples: readonly Sample[], rows: readonly Row[]): string {
  const ways = [...baselines, ...ours];
  const medians = [
    ['scenario', 'unit', ...ways],
    ['---', '---', ...ways.map(() => '---')],
    ...rows.map(({ name, unit }) => [name, unit, ...ways.map((way) => format(valueOf(samples, name, way)))]),
  ];
  const pairs = ours.flatMap((way) => baselines.map((base) => [way, base] as const));
  const ratios = [
    ['scenario', ...pairs.map(([way, base]) => `${way} / ${base}`)],
    ['---', ...pairs.map(() => '---')],
    ...rows.map(({ name }) => [
      name,
      ...pairs.map(([way, base]) => ratio(valueOf(samples, name, way) / valueOf(samples, name, base))),
    ]),
  ];
  const text = (cells: readonly (readonly string[])[]): string =>
    cells.map((line) => `| ${line.join(' | ')} |`).join('\n');
  return `${text(medians)}\n\nAs ratios (Mbit/s: more is better; ms: less is better):\n\n${text(ratios)}`;
}

/** The aims, each with what was measured. */
export function tunnelAims(
  samples: readonly Sample[],
  crowds: ReadonlyMap<string, CrowdResult>,
): readonly string[] {
  const share = (row: string, way: string, base: string): number =>
    valueOf(samples, row, way) / valueOf(samples, row, base);
  const lines = (['down, 1 stream', 'up, 1 stream'] as const).flatMap((row) => [
    aim(`${row}, direct: times wireproxy's throughput, more than 1`, share(row, 'direct', 'wireproxy'), 1),
    aim(`${row}, direct: times ssh -L's throughput, at least 1`, share(row, 'direct', 'ssh -L'), 1),
  ]);
  const echo = valueOf(samples, 'echo of 64 bytes, p50', 'direct');
  lines.push(bound('echo of 64 bytes, direct, p50 in ms, at most 0.1', echo, 0.1));
  const against = 1 / share('echo of 64 bytes, p50', 'direct', 'wireproxy');
  lines.push(
    aim("echo of 64 bytes, direct: wireproxy's time as a multiple of ours, more than 1", against, 1),
  );
  for (const [name, { devices, allMs }] of crowds)
    lines.push(bound(`${devices} clients at once, ${name}: all up, in ms, at most 3000`, allMs, 3_000));
  return lines;
}

function aim(what: string, value: number, least: number): string {
  return verdict(what, value, value >= least);
}

function bound(what: string, value: number, most: number): string {
  return verdict(what, value, value <= most);
}

function verdict(what: string, value: number, isMet: boolean): string {
  if (Number.isNaN(value)) return `- ${what}: not measured`;
  return `- ${what}: ${format(value)} ${isMet ? '(met)' : '(NOT met)'}`;
}

function ratio(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(2);
}

function format(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value >= 100 ? Math.round(value).toString() : value.toFixed(3);
}
