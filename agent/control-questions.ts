import type { ControlLink, ControlLinkOptions } from './control/control-link.ts';
import { explainStatement } from './enforce/explain.ts';
import { judgeStatements } from './enforce/judge.ts';
import type { SessionTable } from './session/session-table.ts';
import type { UpstreamDatabase } from './upstream-database.ts';

/** What the answers are made of; asked anew at each question. */
export interface QuestionDeps {
  readonly control: () => ControlLink | null;
  readonly database: UpstreamDatabase;
  readonly sessions: SessionTable;
  readonly elevationEnabled: () => boolean;
}

/** What the control plane may ask of the agent, in the name of somebody who may know it, or may do it. */
export function controlQuestions({
  control,
  database,
  sessions,
  elevationEnabled,
}: QuestionDeps): Required<Pick<ControlLinkOptions, 'explain' | 'judge' | 'endSession'>> {
  return {
    explain: async ({ user, sql, full }) => {
      const { opened } = database;
      const subject = control()?.store.subject(user) ?? null;
      if (subject === null) return { kind: 'failed', code: 'NO_POLICY' };
      if (opened === null) return { kind: 'failed', code: 'UPSTREAM_UNAVAILABLE' };
      const { policy, epoch } = subject;
      const view = opened.view.of(policy);
      return await explainStatement({
        view,
        policy,
        epoch,
        sql,
        full,
        elevationEnabled: elevationEnabled(),
      });
    },
    judge: async (question) =>
      await judgeStatements({
        ...question,
        views: database.opened?.view ?? null,
        elevationEnabled: elevationEnabled(),
      }),
    endSession: async (question) => await sessions.endOne(question),
  };
}
