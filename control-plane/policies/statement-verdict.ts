import type { JudgedVerdict } from '@daam/shared/api/judge';
import type { TableOperation } from '@daam/shared/policy/effective-policy';
import { formatPattern } from '@daam/shared/policy/pattern';
import type { RelationAccess, ResolvedAccess } from '@daam/shared/sql/access';
import type { ColumnImpact, TableImpact } from '@daam/shared/sql/access-impact';
import type { BothAccesses } from './both-accesses.ts';
import type { RecordedStatements } from './recorded-statements.ts';

/** What becomes of a recorded statement under another policy. */
export interface StatementVerdict {
  readonly effect: 'same' | 'refused' | 'allowed' | 'masked' | 'unmasked' | 'unknown';
  readonly reason: string;
}

const same: StatementVerdict = { effect: 'same', reason: '' };
const unknown: StatementVerdict = { effect: 'unknown', reason: '' };

/** From the agent's verdicts under both policies. */
export function verdictOfAgent(before: JudgedVerdict, after: JudgedVerdict): StatementVerdict {
  if (before.outcome !== after.outcome) {
    return after.outcome === 'deny'
      ? { effect: 'refused', reason: after.message ?? after.rule ?? '' }
      : { effect: 'allowed', reason: `No longer refused: ${before.message ?? before.rule ?? ''}` };
  }
  if (after.outcome === 'deny') return same;
  const gone = before.masks.filter((mask) => !after.masks.includes(mask));
  const come = after.masks.filter((mask) => !before.masks.includes(mask));
  if (come.length > 0) return { effect: 'masked', reason: `Now masked: ${come.join(', ')}` };
  return gone.length > 0 ? { effect: 'unmasked', reason: `No longer masked: ${gone.join(', ')}` } : same;
}

/**
 * From the tables and operations that the record names, without understanding the text. Errs towards telling: a column
 * that changes counts when its name, or a star, stands in the text.
 */
export function verdictOfTables(recorded: RecordedStatements, both: BothAccesses): StatementVerdict {
  return recorded.decision === 'deny' ? refusedBefore(recorded, both) : allowedBefore(recorded, both);
}

function refusedBefore({ rule, tables }: RecordedStatements, { impacts }: BothAccesses): StatementVerdict {
  if (rule !== 'default-deny' && rule !== 'operation') return unknown;
  const gained = tables.flatMap((table) => impactOn(impacts, table)?.gained ?? []);
  if (gained.length === 0) return same;
  return { effect: 'allowed', reason: `${tables.map(titleOf).join(', ')} gains ${gained.join(', ')}` };
}

function allowedBefore(recorded: RecordedStatements, both: BothAccesses): StatementVerdict {
  for (const table of recorded.tables) {
    const operation = operationOf(table.operation);
    if (operation === null || !isAllowed(relationOf(both.before, table), operation)) continue;
    const relation = relationOf(both.after, table);
    if (isAllowed(relation, operation)) continue;
    const reason = relation?.refusal?.message ?? `No policy grants ${operation} on ${titleOf(table)}.`;
    return { effect: 'refused', reason };
  }
  const columns = recorded.tables.flatMap((table) => {
    const changes = impactOn(both.impacts, table)?.columns ?? [];
    return changes.filter((change) => change.columns.some((column) => mentions(recorded.text, column)));
  });
  return maskedOrNot(columns);
}

function maskedOrNot(changes: readonly ColumnImpact[]): StatementVerdict {
  const [lost, gained] = (['loss', 'gain'] as const).map((effect) =>
    changes.filter((change) => change.effect === effect).flatMap(({ columns }) => columns),
  ) as [string[], string[]];
  if (lost.length > 0) return { effect: 'masked', reason: `Shows less of ${[...new Set(lost)].join(', ')}` };
  if (gained.length === 0) return same;
  return { effect: 'unmasked', reason: `Shows more of ${[...new Set(gained)].join(', ')}` };
}

interface TableName {
  readonly schema: string;
  readonly name: string;
}

function impactOn(impacts: readonly TableImpact[], { schema, name }: TableName): TableImpact | undefined {
  return impacts.find((impact) => impact.schema === schema && impact.table === name);
}

function relationOf(access: ResolvedAccess, { schema, name }: TableName): RelationAccess | undefined {
  return [...access.relations.values()].find(
    (relation) => relation.schema === schema && relation.name === name,
  );
}

function isAllowed(relation: RelationAccess | undefined, operation: TableOperation): boolean {
  return relation !== undefined && relation.refusal === null && relation.operations.has(operation);
}

function operationOf(operation: string): TableOperation | null {
  switch (operation) {
    case 'select':
    case 'insert':
    case 'update':
    case 'delete':
      return operation;
    case 'truncate':
      return 'delete';
    default:
      return null;
  }
}

function titleOf({ schema, name }: TableName): string {
  return formatPattern([schema, name]);
}

/** Whether a name stands in a text as a word of its own, or everything is asked for. */
function mentions(text: string, column: string): boolean {
  if (text.includes('*')) return true;
  const [words, name] = [text.toLowerCase(), column.toLowerCase()];
  for (let at = words.indexOf(name); at >= 0; at = words.indexOf(name, at + 1)) {
    const around = [words[at - 1], words[at + name.length]];
    if (around.every((character) => character === undefined || !/[\w$]/.test(character))) return true;
  }
  return false;
}
