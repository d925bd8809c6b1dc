import {
  type JudgeAnswer,
  type JudgedVerdict,
  type JudgeQuestion,
  judgeLimits,
} from '@daam/shared/api/judge';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { formatPattern } from '@daam/shared/policy/pattern';
import type { TextExplanation } from '@daam/shared/sql/explain/explanation';
import type { AccessView } from './decisions.ts';
import { freshNames } from './explain.ts';

/** Statements to judge, and how a policy that is not in force would be seen. */
export interface JudgeRequest extends Omit<JudgeQuestion, 'id'> {
  /** Makes the view of a policy against the catalogue as it is; null while the database is away. */
  readonly views: { of(policy: EffectivePolicy): AccessView } | null;
  readonly elevationEnabled: boolean;
}

/**
 * Says what would happen to statements under two policies, each in a session that is opened for it. Nothing is run and
 * neither policy is put in force; one text is analysed after the other, so that sessions get their turn between.
 */
export async function judgeStatements(request: JudgeRequest): Promise<JudgeAnswer> {
  const { statements, views, elevationEnabled } = request;
  if (views === null) return { kind: 'failed', code: 'UPSTREAM_UNAVAILABLE' };
  const [before, after] = [views.of(request.before), views.of(request.after)];
  const judged = [];
  for (const sql of statements) {
    const was = await judge(before, sql, elevationEnabled);
    const is = was === null ? null : await judge(after, sql, elevationEnabled);
    judged.push(was === null || is === null ? null : { before: was, after: is });
  }
  return { kind: 'judged', statements: judged };
}

/** Null when the text could not be analysed. */
async function judge(
  view: AccessView,
  sql: string,
  elevationEnabled: boolean,
): Promise<JudgedVerdict | null> {
  if (view.analysis === undefined) return null;
  const explained = await view.analysis.explain(sql, freshNames({ view, elevationEnabled }));
  return 'rule' in explained ? null : verdictOf(explained);
}

function verdictOf({ outcome, denial, statements }: TextExplanation): JudgedVerdict {
  const masks = statements.flatMap(({ columns }) =>
    (columns ?? []).flatMap((column) =>
      column.masks.map((mask) =>
        `${formatPattern([mask.schema, mask.table, mask.column])} ${mask.preset}`.slice(0, judgeLimits.name),
      ),
    ),
  );
  return {
    outcome,
    rule: denial?.rule.slice(0, 64) ?? null,
    message: denial?.message.slice(0, judgeLimits.message) ?? null,
    masks: [...new Set(masks)].toSorted().slice(0, judgeLimits.masks),
  };
}
