import type { AssignedBy, ColumnExplanation, EffectiveAccess, RuleSource } from '@daam/shared/api/policies';
import { table } from '../command.ts';

/** What somebody may do, for people: policies and why, limits, then a line a column. */
export function accessText(access: EffectiveAccess): string {
  const who = access.subject.kind === 'user' ? access.subject.email : `group ${access.subject.name}`;
  const policies = access.policies.map(
    ({ name, version, assignedBy }) => `  ${name} v${version}: ${assignedBy.map(reasonText).join(', ')}`,
  );
  const rows = access.tables.flatMap((each) => {
    const operations = each.operations.map(({ operation }) => operation).join(',');
    const head = [
      `${each.schema}.${each.table}`,
      '',
      each.refusal === null ? operations : `refused: ${each.refusal}`,
      '',
    ];
    return [
      [...head.slice(0, 3), sourcesText(each.operations.flatMap(({ sources }) => sources))],
      ...each.rowFilters.map(({ text, source }) => ['', 'rows', text, sourcesText([source])]),
      ...each.columns.map((column) => [
        '',
        column.column,
        column.state === 'masked' ? (column.mask?.preset ?? 'masked') : column.state,
        sourcesText(column.sources),
      ]),
    ];
  });
  return clean(
    [
      `${who} in ${access.database.name}`,
      ...(policies.length === 0 ? ['  no policy'] : policies),
      ...access.limits.map(({ text, policy }) => `  ${text}${policy === '' ? '' : ` (${policy})`}`),
      ...(rows.length === 0 ? [] : ['', table(['TABLE', 'COLUMN', 'ACCESS', 'FROM'], rows)]),
      ...(access.next === null ? [] : ['', 'There are more tables: name some with --table PATTERN.']),
    ].join('\n'),
  );
}

/** Why a column can or cannot be seen, for people. */
export function columnText(explanation: ColumnExplanation): string {
  const rules = explanation.rules.map(({ text, decisive, source, assignedBy }) => {
    const via = assignedBy.length === 0 ? '' : ` Assigned: ${assignedBy.map(reasonText).join(', ')}.`;
    const place = source === null ? '' : ` [${sourcesText([source])}]`;
    return `  ${decisive ? '*' : '-'} ${text}${via}${place}`;
  });
  const next = explanation.nextStep === null ? [] : [explanation.nextStep];
  return clean([explanation.answer, ...rules, ...next].join('\n'));
}

function reasonText(reason: AssignedBy): string {
  switch (reason.kind) {
    case 'user':
      return 'directly';
    case 'group':
      return `through group ${reason.group}`;
    case 'request':
      return `by request ${reason.request.slice(0, 8)} until ${reason.until}`;
    default:
      return reason satisfies never;
  }
}

/** `analyst:12` is line 12 of the policy's document. */
function sourcesText(sources: readonly RuleSource[]): string {
  const places = sources.map(({ policy, line }) => (line === null ? policy : `${policy}:${line}`));
  return [...new Set(places)].join(' ');
}

function clean(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, '');
}
