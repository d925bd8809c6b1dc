import { createHash } from 'node:crypto';
import type { Explanation } from '@daam/shared/api/explain';
import { isUuid } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import type { AskAgent } from '../agents/questions.ts';
import { recordActivity } from '../audit/activity.ts';
import type { Database } from '../db/entities/database.ts';
import { type User, UserEntity } from '../db/entities/user.ts';
import { changeOrganization, readSnapshot, type Scope } from '../db/scope.ts';
import type { Call, Handlers, Person } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { findDatabase } from './find-database.ts';
import { mayUse } from './my-databases.ts';

/**
 * Explain: what would happen to a statement. The control plane understands no SQL; it finds out whom the question is
 * about, leaves an audit event when that is somebody else, and asks the database's agent over its feed.
 */
export function explainHandlers(
  { store, clock }: Services,
  askAgent: AskAgent,
): Handlers<'explainStatement'> {
  return {
    explainStatement: async (call) => {
      const { caller, body } = call;
      const isOther = body.as !== undefined;
      if (isOther && caller.role !== 'admin') {
        throw new AppError('FORBIDDEN', {
          message: 'Only administrators may explain a statement as somebody else.',
          hint: 'Leave out "as" to see what would happen to your own statement.',
        });
      }
      const { database, user } = isOther
        ? await changeOrganization(store, caller.org, (scope) => findOther(scope, call, clock.now()))
        : await readSnapshot(store, caller.org, (scope) => findOwn(scope, call));
      const full = caller.role === 'admin';
      const answer = await askAgent(database, { user: user.id, sql: body.sql, full });
      if (answer.kind === 'failed') {
        const { code, message, hint } = answer;
        throw new AppError(code, { ...(message && { message }), ...(hint && { hint }) });
      }
      return {
        database: { id: database.id, name: database.name },
        user: { id: user.id, email: user.email },
        explanation: full ? answer.explanation : withoutSecrets(answer.explanation),
      };
    },
  };
}

interface Found {
  readonly database: Database;
  readonly user: Pick<User | Person, 'id' | 'email'>;
}

type ExplainCall = Call<'explainStatement'>;

async function findOwn(scope: Scope, { caller, params }: ExplainCall): Promise<Found> {
  const database = await findDatabase(scope, params.database);
  // The same answer as for a database that does not exist: names are not to be tried out.
  const isKnown = caller.role !== 'member' || (await mayUse(scope, caller.id, database.id));
  if (!isKnown) throw new AppError('NOT_FOUND', { message: 'There is no such database.' });
  return { database, user: caller };
}

/** Recorded before it is asked: who looked at whose rights, and at which statement by its digest. */
async function findOther(scope: Scope, { caller, params, body }: ExplainCall, now: number): Promise<Found> {
  const database = await findDatabase(scope, params.database);
  const reference = body.as ?? '';
  const where = isUuid(reference) ? { id: reference } : { email: reference };
  const user = await scope.em.findOne(UserEntity, where);
  if (user === null) throw new AppError('NOT_FOUND', { field: 'body.as', message: 'There is no such user.' });
  await recordActivity(scope, now, {
    action: 'statement.explained',
    actor: actorOf(caller),
    target: { kind: 'user', id: user.id, label: user.email },
    detail: { database: database.id, sha256: createHash('sha256').update(body.sql).digest('hex') },
  });
  return { database, user };
}

/** The agent was not asked for it; should it tell all the same, it ends here. */
function withoutSecrets(explanation: Explanation): Explanation {
  const { outcome, denial, tier, taint, epoch, truncated } = explanation;
  return {
    outcome,
    denial,
    tier,
    taint,
    epoch,
    truncated,
    statements: explanation.statements.map((statement) => ({
      ...statement,
      tables: statement.tables.map(({ rowFilter, ...table }) => ({
        ...table,
        rowFilter:
          rowFilter === null
            ? null
            : {
                ...rowFilter,
                conditions: rowFilter.conditions.map(({ column, operator }) => ({ column, operator })),
              },
      })),
    })),
  };
}
