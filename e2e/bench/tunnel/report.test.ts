import { describe, expect, it } from 'vitest';
import { type Sample, tunnelAims, tunnelTables, valueOf } from './report.ts';

const sample = (row: string, way: string, ...values: number[]): Sample[] =>
  values.map((value) => ({ row, way, value }));

describe('the report of the tunnel’s benchmark', () => {
  const samples = [
    ...sample('down, 1 stream', 'loopback', 1000),
    ...sample('down, 1 stream', 'wireproxy', 100, 300, 200),
    ...sample('down, 1 stream', 'direct', 500),
    ...sample('echo of 64 bytes, p50', 'direct', 0.2),
  ];

  it('takes the median over the rounds, and nothing for what was not measured', () => {
    expect(valueOf(samples, 'down, 1 stream', 'wireproxy')).toBe(200);
    expect(valueOf(samples, 'down, 1 stream', 'ssh -L')).toBeNaN();
  });

  it('sets our ways against the others', () => {
    const lines = tunnelTables(samples, [{ name: 'down, 1 stream', unit: 'Mbit/s' }]).split('\n');
    expect(lines[2]).toBe('| down, 1 stream | Mbit/s | 1000 | – | 200 | 500 | – |');
    expect(lines.at(-1)).toBe('| down, 1 stream | 0.50 | – | 2.50 | – | – | – |');
  });

  it('says of each aim whether it is met, missed or not measured', () => {
    const crowd = { devices: 300, p50Ms: 1, allMs: 3001, beforeMb: 1, afterMb: 2 };
    const aims = tunnelAims(samples, new Map([['direct', crowd]]));
    const verdictOf = (start: string): string | undefined =>
      /(?:\((?:NOT )?met\)|not measured)$/.exec(
        aims.find((line) => line.startsWith(`- ${start}`)) ?? '',
      )?.[0];
    expect(verdictOf('down, 1 stream, direct: times wireproxy')).toBe('(met)');
    expect(verdictOf('down, 1 stream, direct: times ssh -L')).toBe('not measured');
    expect(verdictOf('echo of 64 bytes, direct, p50')).toBe('(NOT met)');
    expect(verdictOf('300 clients at once')).toBe('(NOT met)');
  });
});
