import { bodiesOf, field, list, type TaggedNode } from '../ast/node.ts';
import type { ParsedStatement } from '../parser.ts';
import { judgeAlterTable, judgeRename } from './alter-table.ts';
import type { Context } from './context.ts';
import { judgeCopy } from './copy.ts';
import type { StatementJudge } from './judgement.ts';
import { judgeLock } from './lock.ts';
import { judgeSelect, judgeWrite } from './queries.ts';
import { refuse } from './refusal.ts';
import {
  judgeDiscard,
  judgeFetch,
  judgeNothing,
  judgeSet,
  judgeShow,
  judgeTransaction,
} from './session-statements.ts';
import { judgeCreateFunction, judgeView } from './temporary-code.ts';
import {
  judgeCreateTable,
  judgeCreateTableAs,
  judgeDrop,
  judgeOnTemporary,
  judgeVacuum,
} from './temporary-tables.ts';
import {
  judgeCall,
  judgeDeallocate,
  judgeDeclareCursor,
  judgeExecute,
  judgeExplain,
  judgeOpaque,
  judgePrepare,
} from './wrapping-statements.ts';

/** Judges a statement that another one holds (EXPLAIN, PREPARE, …); its positions are the outer one's. */
function judgeInner(context: Context, node: TaggedNode): string {
  return judgeStatement(context, { node, start: 0, end: 0 });
}

/** Every kind of statement that may run. What is not in here is refused. */
const judges: ReadonlyMap<string, StatementJudge> = new Map<string, StatementJudge>([
  ['SelectStmt', judgeSelect],
  ['InsertStmt', judgeWrite('INSERT')],
  ['UpdateStmt', judgeWrite('UPDATE')],
  ['DeleteStmt', judgeWrite('DELETE')],
  ['MergeStmt', judgeWrite('MERGE')],
  ['TransactionStmt', judgeTransaction],
  ['VariableShowStmt', judgeShow],
  ['VariableSetStmt', judgeSet],
  ['DiscardStmt', judgeDiscard],
  ['ListenStmt', judgeNothing('LISTEN')],
  ['UnlistenStmt', judgeNothing('UNLISTEN')],
  ['NotifyStmt', judgeNothing('NOTIFY')],
  ['ClosePortalStmt', judgeNothing('CLOSE CURSOR')],
  ['ConstraintsSetStmt', judgeNothing('SET CONSTRAINTS')],
  ['FetchStmt', judgeFetch],
  ['ExplainStmt', judgeExplain(judgeInner)],
  ['DeclareCursorStmt', judgeDeclareCursor(judgeInner)],
  ['PrepareStmt', judgePrepare(judgeInner)],
  ['ExecuteStmt', judgeExecute],
  ['DeallocateStmt', judgeDeallocate],
  ['CopyStmt', judgeCopy],
  ['LockStmt', judgeLock],
  ['CreateTableAsStmt', judgeCreateTableAs],
  ['CreateStmt', judgeCreateTable],
  ['DropStmt', judgeDrop],
  [
    'TruncateStmt',
    judgeOnTemporary('TRUNCATE TABLE', (node) => bodiesOf(list(node.body, 'relations'), 'RangeVar')),
  ],
  ['IndexStmt', judgeOnTemporary('CREATE INDEX', (node) => [field(node.body, 'relation') ?? {}])],
  ['AlterTableStmt', judgeAlterTable],
  ['RenameStmt', judgeRename],
  ['VacuumStmt', judgeVacuum],
  ['ViewStmt', judgeView],
  ['CallStmt', judgeCall],
  ['DoStmt', judgeOpaque('DO', 'it runs code')],
  ['CreateFunctionStmt', judgeCreateFunction],
]);

/** Statements that are judged by their tag alone, and may hold nodes that are not known. */
export const judgedByTag: ReadonlySet<string> = new Set(['DoStmt', 'CreateFunctionStmt', 'DropStmt']);

/** True if the gate knows this kind of statement at all. */
export function isKnownStatement(tag: string): boolean {
  return judges.has(tag);
}

/** Judges one statement; the result is the command's name, the rest is in the context. */
export function judgeStatement(context: Context, statement: ParsedStatement): string {
  const judge = judges.get(statement.node.tag);
  if (judge === undefined) {
    refuse({
      rule: 'statement-kind',
      message: `permission denied: ${commandWords(statement.node.tag)} is not allowed in sessions under a policy`,
      detail: 'Rule "statement kind": only queries, writes, session statements and temporary tables may run.',
      hint: context.input.hint(null, null),
      offset: statement.start,
    });
  }
  return judge(context, statement.node, statement);
}

/** `AlterSystemStmt` as `ALTER SYSTEM`. */
export function commandWords(tag: string): string {
  return tag
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}
