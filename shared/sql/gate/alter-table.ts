import { bodiesOf, field, list, locationOf, text } from '../ast/node.ts';
import { type Context, markOpaque } from './context.ts';
import type { StatementJudge } from './judgement.ts';
import { refuse } from './refusal.ts';
import { judgeElement, requireTemporary } from './temporary-tables.ts';

/** ALTER TABLE and RENAME of temporary tables. */

/** What changes columns and constraints; nothing that changes owners, triggers, rules, policies or parents. */
const allowedCommands: ReadonlySet<string> = new Set([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_ColumnDefault',
  'AT_DropNotNull',
  'AT_SetNotNull',
  'AT_AlterColumnType',
  'AT_AddConstraint',
  'AT_DropConstraint',
  'AT_SetStatistics',
  'AT_SetStorage',
]);

/** ALTER TABLE t …, each command of its list. */
export const judgeAlterTable: StatementJudge = (context, node) => {
  const relation = field(node.body, 'relation') ?? {};
  requireTemporary(context, relation, 'ALTER TABLE');
  for (const command of bodiesOf(list(node.body, 'cmds'), 'AlterTableCmd')) {
    const kind = text(command, 'subtype') ?? '';
    if (!allowedCommands.has(kind)) refuseForm(context, kind, locationOf(relation));
    judgeElement(context, command['def']);
  }
  // a default's functions and a constraint's run again at each later write
  if (context.found.opaque) markOpaque(context, 'session', 'the table holds code made by users');
  return 'ALTER TABLE';
};

/** ALTER TABLE t RENAME TO u, RENAME COLUMN a TO b. */
export const judgeRename: StatementJudge = (context, node) => {
  const relation = field(node.body, 'relation') ?? {};
  const kind = text(node.body, 'renameType') ?? '';
  const name = text(node.body, 'newname') ?? '';
  requireTemporary(context, relation, 'ALTER TABLE');
  if (!['OBJECT_TABLE', 'OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT'].includes(kind))
    refuseForm(context, kind, locationOf(relation));
  if (kind === 'OBJECT_TABLE') {
    // the old name stays known: the change may be rolled back, and the server says if it is gone
    context.names.tempRelations.add(name);
    context.found.effects.push({ kind: 'temp-relation-created', name });
  }
  return 'ALTER TABLE';
};

function refuseForm(context: Context, kind: string, offset: number): never {
  refuse({
    rule: 'ddl',
    message: `this form of ALTER TABLE is not allowed (${kind})`,
    hint: context.input.hint(null, null),
    offset,
  });
}
