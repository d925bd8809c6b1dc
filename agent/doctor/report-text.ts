import type { DoctorReport } from '@daam/shared/api/doctor';

const words = { critical: 'CRITICAL', warning: 'warning', info: 'info' } as const;

/** The report for people: the most severe first, each finding with the SQL that mends it. Control characters are taken out. */
export function reportText(report: DoctorReport): string {
  const lines = [
    `Doctor: ${report.database}, PostgreSQL ${report.serverVersion}, ${report.checkedAt}`,
    `Scope: ${scopeText(report.scope)}`,
  ];
  if (report.policyEpoch === null)
    lines.push('Policies: none known here, so nothing was checked against them.');
  for (const { severity, check, object, message, mend } of report.findings) {
    lines.push('', `${words[severity]}  ${check}${object === null ? '' : `  ${object}`}`, `  ${message}`);
    if (mend !== null) lines.push(`  mend: ${mend}`);
  }
  if (report.findings.length === 0) lines.push('', 'Nothing found.');
  if (report.omitted > 0) lines.push('', `${report.omitted} more findings are left out.`);
  return `${lines.map(printable).join('\n')}\n`;
}

function scopeText(scope: DoctorReport['scope']): string {
  if (scope === null) return 'not set; the policies alone decide';
  return scope.length === 0 ? 'empty; this agent serves no table' : scope.join(', ');
}

/** Names come from the database and must not move a terminal's cursor. */
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, '?');
}
