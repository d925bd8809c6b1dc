import type { DryRun } from '@daam/shared/api/policies';
import { table } from '../command.ts';
import { differenceText } from '@daam/shared/api/difference-text';

/** A dry run for people: rights, then people, then recorded statements. */
export function dryRunText(result: DryRun): string {
  return [
    differenceText(result.difference),
    warningsText(result.warnings),
    peopleText(result.people),
    statementsText(result.statements),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function warningsText(warnings: DryRun['warnings']): string {
  return warnings
    .map(({ field, message, line }) =>
      clean(`warning: ${message} (${field}${line === null ? '' : `, line ${line}`})`),
    )
    .join('\n');
}

function peopleText({ basis, considered, affected, summary, truncated }: DryRun['people']): string {
  const of = considered === 1 ? '1 person' : `${considered} people`;
  const are = considered === 1 || affected === 1 ? 'is' : 'are';
  const basisText =
    basis === 'names' ? '\nBy the names in policies: the agent has not reported the tables yet.' : '';
  const lines = summary.map((sentence) => `  ${clean(sentence)}`);
  const more = truncated ? '\n  … and more' : '';
  return `${affected} of ${of} with access ${are} affected.${basisText}${lines.length === 0 ? '' : `\n${lines.join('\n')}`}${more}`;
}

const words = {
  refused: 'refused',
  allowed: 'allowed',
  masked: 'masked',
  unmasked: 'unmasked',
  unknown: 'not judged',
} as const;

function statementsText(statements: DryRun['statements']): string {
  if (statements === null) return '';
  const { counts, considered, since, items, judgedBy, withoutAgent } = statements;
  const changed = (Object.keys(words) as (keyof typeof words)[])
    .filter((effect) => counts[effect] > 0)
    .map((effect) => `${counts[effect]} ${words[effect]}`);
  const head = `Of ${considered} recorded statements${since === null ? '' : ` since ${since}`}: ${changed.join(', ') || 'none would change'}.`;
  const by =
    withoutAgent === null
      ? ''
      : `\n${judgedBy.tables} were judged by tables and operations alone. ${clean(withoutAgent)}`;
  if (items.length === 0) return head + by;
  const rows = items
    .slice(0, 20)
    .map(({ effect, count, user, text, reason }) => [
      effect,
      String(count),
      user.email ?? '',
      text.replaceAll(/\s+/g, ' ').slice(0, 60),
      reason.slice(0, 80),
    ]);
  const rest = items.length > 20 ? `\n… and ${items.length - 20} more (--json has them)` : '';
  return `${head}${by}\n${table(['NOW', 'TIMES', 'WHO', 'STATEMENT', 'WHY'], rows)}${rest}`;
}

function clean(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '');
}
