import { systemClock } from '@daam/shared/base/clock';
import { silentLogger } from '@daam/shared/base/logger';
import type { DoctorFinding } from '@daam/shared/api/doctor';
import { describe, expect, it } from 'vitest';
import { bounded } from './doctor.ts';
import { serverChecks } from './server-checks.ts';
import { blockingChecks, DoctorWatch } from './watch.ts';

const finding = (check: string, severity: DoctorFinding['severity'], message = 'm'): DoctorFinding => ({
  check,
  severity,
  object: null,
  message,
  mend: null,
});

function watch(refuseOn: readonly string[]): DoctorWatch {
  return new DoctorWatch({
    connect: () => Promise.reject(new Error('nothing is looked at here')),
    subject: () => null,
    refuseOn,
    onReport: () => undefined,
    clock: systemClock,
    logger: silentLogger,
  });
}

describe('refuse_on', () => {
  const findings = [
    finding('public-table', 'critical'),
    finding('standby', 'critical'),
    finding('hba-others', 'info'),
  ];

  it('means severities and single checks', () => {
    expect(blockingChecks(findings, ['critical'])).toEqual(['public-table', 'standby']);
    expect(blockingChecks(findings, ['hba-others'])).toEqual(['hba-others']);
    expect(blockingChecks(findings, [])).toEqual([]);
  });

  it('refuses before the first look, and never when it is not set', async () => {
    await using strict = watch(['critical']);
    expect(() => strict.assertSafe()).toThrow(expect.objectContaining({ code: 'DATABASE_UNSAFE' }));
    await strict.look();
    expect(strict.isSafe).toBe(false);
    await using lenient = watch([]);
    expect(lenient.isSafe).toBe(true);
  });
});

describe('bounded', () => {
  it('cuts what does not fit and says how much, the least severe first', () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      finding('x', index < 3 ? 'critical' : 'info', 'y'.repeat(900)),
    );
    const report = bounded({
      checkedAt: '2026-01-01T00:00:00.000Z',
      database: 'd',
      serverVersion: '18',
      scope: null,
      policyEpoch: null,
      findings: many,
      omitted: 0,
    });
    expect(JSON.stringify(report).length).toBeLessThanOrEqual(48 * 1024);
    expect(report.findings.length + report.omitted).toBe(700);
    expect(report.findings.slice(0, 3).every(({ severity }) => severity === 'critical')).toBe(true);
  });
});

describe('server-minor', () => {
  const minor = serverChecks.find(({ id }) => id === 'server-minor');
  const complains = (number: number): boolean => {
    const facts = { database: 'd', role: 'r', major: Math.floor(number / 10_000), agentTag: null };
    return minor?.say({ version: 'x', number }, facts) !== null;
  };

  it('complains of every release before the first safe one of its major', () => {
    for (const least of [130_022, 140_019, 150_014, 160_010, 170_006]) {
      expect(complains(least - 1)).toBe(true);
      expect(complains(least)).toBe(false);
    }
    expect(complains(180_000)).toBe(false);
  });
});
