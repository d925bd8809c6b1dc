import { type DoctorReport, doctorReport } from '@daam/shared/api/doctor';
import { AppError } from '@daam/shared/errors/app-error';
import type { FeedIdentity } from '../agents/agent-row.ts';
import { servingAgents } from '../agents/choose-agent.ts';
import { visibleState } from '../agents/serving-agent.ts';
import { announce } from '../db/notifications.ts';
import { query } from '../db/query.ts';
import { scopeTo } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { findDatabase } from './find-database.ts';

/** The doctor's reports: agents send them over their feeds, administrators read the last one and may ask for a new one. */
export function doctorHandlers({ clock }: Services): Handlers<'getDoctorReport' | 'refreshDoctorReport'> {
  return {
    getDoctorReport: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const [row] = await query<{ received_at: string | Date; agent_id: string; report: unknown }[]>(
        scope.em,
        'select received_at, agent_id, report from doctor_reports where org_id = ? and database_id = ?',
        [scope.org, database.id],
      );
      const parsed = doctorReport.safeParse(row?.report);
      return {
        database: { id: database.id, name: database.name },
        received:
          row === undefined || !parsed.success
            ? null
            : { at: new Date(row.received_at).toISOString(), agent: row.agent_id, report: parsed.data },
      };
    },

    refreshDoctorReport: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const now = clock.now();
      const agent = (await servingAgents(scope, [database.id], { now })).get(database.id);
      if (agent === undefined || visibleState(agent, now) !== 'connected') {
        throw new AppError('AGENT_UNAVAILABLE', {
          message: 'The database’s agent is not connected.',
          hint: 'It examines the database again when it starts.',
        });
      }
      await announce(scope.em, { kind: 'examine', database: database.id });
    },
  };
}

/** Keeps a report in place of the one before, unless the feed is no longer the agent's. */
export async function keepDoctorReport(
  { store, clock }: Pick<Services, 'store' | 'clock'>,
  { agent, feed }: FeedIdentity,
  report: DoctorReport,
): Promise<void> {
  await query(
    scopeTo(store.em(), agent.org).em,
    `insert into doctor_reports (org_id, database_id, agent_id, received_at, report)
     select a.org_id, a.database_id, a.id, ?, ?::jsonb from agents a
      where a.org_id = ? and a.id = ? and a.feed_id = ?
     on conflict (org_id, database_id) do update
       set agent_id = excluded.agent_id, received_at = excluded.received_at, report = excluded.report`,
    [new Date(clock.now()), JSON.stringify(report), agent.org, agent.id, feed],
  );
}
