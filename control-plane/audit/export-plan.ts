import type { ExportQuery } from '@daam/shared/api/routes/audit';
import type { Scope } from '../db/scope.ts';
import type { ChainPart } from './chain-reader.ts';
import { type Chain, chainsOf } from './checkpoints.ts';
import { activityConditions } from './list-activity.ts';
import { type RecordTable, tablesOfClass } from './record-columns.ts';
import { type Condition, recordConditions } from './record-query.ts';
import { statementConditions } from './statements.ts';

/** One chain of an export: which of its records, and whether that is all of them. */
export interface ExportedChain {
  readonly chain: Chain;
  readonly part: ChainPart;
  readonly complete: boolean;
}

/** What an export is narrowed by, as its header says; empty for everything. */
export function filterOf(asked: ExportQuery): Record<string, string> {
  const given = Object.entries(asked).filter(
    ([name, value]) => value !== undefined && name !== 'format' && !(name === 'class' && value === 'all'),
  );
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** Which chains an export has, and which part of each. INVALID_INPUT for a filter that means nothing. */
export async function planExport(scope: Scope, asked: ExportQuery): Promise<ExportedChain[]> {
  statementFilter(asked);
  const isWhole = Object.keys(filterOf(asked)).every((name) => name === 'class' || name === 'database');
  return (await chainsOf(scope)).flatMap((chain) => {
    if (chain.agent === null) return activityPart(chain, asked);
    if (asked.class === 'activity') return [];
    if (asked.database !== undefined && asked.database !== chain.database) return [];
    return [{ chain, part: agentPart(asked), complete: isWhole && asked.class === 'all' }];
  });
}

/** Activity has no database, session or table: an export for one of these leaves it out. */
function activityPart(chain: Chain, asked: ExportQuery): ExportedChain[] {
  const { database, session, table, operation, decision, text } = asked;
  const isAsked = asked.class === 'all' || asked.class === 'activity';
  if (!isAsked || [database, session, table, operation, decision, text].some((one) => one !== undefined))
    return [];
  const conditions = activityConditions({ from: asked.from, until: asked.until, actor: asked.user });
  return [{ chain, part: { conditions: () => conditions }, complete: conditions.length === 0 }];
}

function agentPart(asked: ExportQuery): ChainPart {
  const plain = recordConditions(asked);
  const isOfStatements = [asked.table, asked.decision, asked.text].some((one) => one !== undefined);
  const conditionsOf = (table: RecordTable | 'audit_activity') => {
    if (!isOfStatements) return plain;
    return table === 'audit_statements' ? statementFilter(asked) : null;
  };
  return {
    conditions: conditionsOf,
    ...(asked.class === 'connections' || asked.class === 'statements'
      ? { tables: tablesOfClass[asked.class] }
      : {}),
  };
}

/** The class of an export is not that of a statement. */
function statementFilter(asked: ExportQuery): Condition[] {
  return statementConditions({ ...asked, class: undefined });
}
