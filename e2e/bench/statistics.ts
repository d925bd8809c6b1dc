/** Numbers of several rounds, and the table that they make. */

/** Scenarios of analysis.ts that an aim is about. */
export const firstPoint = 'first-time point select, p50';
export const samePoint = 'repeated point select, p50';

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The value below which this share of them lies; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** What was measured of one way to the database in one scenario, a value for each round. */
export interface Measurement {
  readonly scenario: string;
  readonly unit: 'tps' | 'ms';
  readonly target: string;
  readonly value: number;
}

/** A row for each scenario: the median of each target, and its ratio to the first two targets. */
export function markdownTable(measurements: readonly Measurement[], targets: readonly string[]): string {
  const scenarios = [...new Set(measurements.map(({ scenario }) => scenario))];
  const [first = '', second = ''] = targets;
  const header = [
    'scenario',
    'unit',
    ...targets,
    ...targets.slice(2).flatMap((target) => [`${target} / ${first}`, `${target} / ${second}`]),
  ];
  const rows = scenarios.map((scenario) => {
    const unit = measurements.find((each) => each.scenario === scenario)?.unit ?? 'ms';
    const values = new Map(targets.map((target) => [target, medianOf(measurements, scenario, target)]));
    const ratios = targets
      .slice(2)
      .flatMap((target) => [first, second].map((base) => ratio(values.get(target), values.get(base))));
    return [scenario, unit, ...targets.map((target) => format(values.get(target) ?? Number.NaN)), ...ratios];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The median of one cell. */
export function medianOf(measurements: readonly Measurement[], scenario: string, target: string): number {
  return median(
    measurements
      .filter((each) => each.scenario === scenario && each.target === target)
      .map(({ value }) => value),
  );
}

function ratio(value: number | undefined, base: number | undefined): string {
  return value === undefined || base === undefined || Number.isNaN(value / base)
    ? '–'
    : (value / base).toFixed(2);
}

function format(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value >= 100 ? Math.round(value).toString() : value.toFixed(3);
}

/** Every median as data: for comparing two runs, of which only the ratios mean anything. */
export function asJson(measurements: readonly Measurement[], targets: readonly string[]): object {
  const scenarios = [...new Set(measurements.map(({ scenario }) => scenario))];
  return {
    targets,
    scenarios: scenarios.map((scenario) => ({
      scenario,
      unit: measurements.find((each) => each.scenario === scenario)?.unit,
      medians: Object.fromEntries(
        targets.map((target) => {
          const value = medianOf(measurements, scenario, target);
          return [target, Number.isNaN(value) ? null : value];
        }),
      ),
    })),
  };
}

/** The aims of the project next to what was measured. */
export function aimsText(measurements: readonly Measurement[]): string {
  const of = (scenario: string, target: string): number => medianOf(measurements, scenario, target);
  const line = (what: string, value: number, isMet: boolean): string =>
    Number.isNaN(value)
      ? `- ${what}: not measured`
      : `- ${what}: ${value.toFixed(3)} ${isMet ? '(met)' : '(NOT met)'}`;
  const lines: string[] = [];
  for (const target of ['agent', 'agent + masks']) {
    for (const mode of ['simple', 'extended', 'prepared']) {
      const scenario = `pgbench -S, ${mode}, 16 clients`;
      const share = of(scenario, target) / of(scenario, 'pgbouncer');
      lines.push(
        line(`${target}, ${mode}, 16 clients: share of pgbouncer's tps, at least 0.85`, share, share >= 0.85),
      );
      const added = of(`p50, ${mode}, 1 client`, target) - of(`p50, ${mode}, 1 client`, 'direct');
      lines.push(
        line(`${target}, ${mode}, 1 client: ms added to the median, at most 0.15`, added, added <= 0.15),
      );
    }
  }
  for (const target of ['agent', 'agent + masks']) {
    const added = of(firstPoint, target) - of(samePoint, target);
    lines.push(
      line(`${target}, analysis of a point select never seen before: ms, at most 1`, added, added <= 1),
    );
  }
  const stream = of('100,000 rows', 'agent + masks') / of('100,000 rows', 'direct');
  lines.push(line('100,000 masked rows: times the direct time, at most 1.3', stream, stream <= 1.3));
  return lines.join('\n');
}
