import { AppError } from '@daam/shared/errors/app-error';
import { compareDocuments } from '@daam/shared/policy/document-difference';
import { patchPolicyText } from '@daam/shared/policy/policy-text';
import { unifiedDiff } from '@daam/shared/policy/unified-diff';
import { recordActivity } from '../audit/activity.ts';
import { findDatabase } from '../databases/find-database.ts';
import type { Database } from '../db/entities/database.ts';
import { changeOrganization, readSnapshot, type Scope } from '../db/scope.ts';
import type { Call, Handlers, Person } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { sourceOf } from './access-handlers.ts';
import { AccessComparer } from './both-accesses.ts';
import { warningsOf } from './dry-run-warnings.ts';
import type { ReportedTables } from './known-tables.ts';
import { plain } from './plain.ts';
import { comparePeople, findPeopleImpact } from './people-impact.ts';
import { currentWorld, peopleOf, worldUnder } from './policy-world.ts';
import { readSource } from './publish.ts';
import { recordedStatements } from './recorded-statements.ts';
import { documentInForce } from './revision-store.ts';
import { knownSubjects } from './subjects.ts';
import { findStatementImpact, type JudgeStatements } from './statement-impact.ts';

/** Asks the agent of a database to judge. */
export type JudgeAt = (database: Pick<Database, 'id' | 'orgId'>) => JudgeStatements;

/** Long enough for hundreds of statements; whoever waits gets an answer within the time of a call. */
const judgeDeadlineMs = 6_000;
const peopleDeadlineMs = 5_000;
const dayMs = 86_400_000;

/** A document looked at without putting it in force: what it changes, for whom, and what it would have refused. */
export function dryRunHandlers(
  { store, clock }: Services,
  { reported, judgeAt }: { readonly reported: ReportedTables; readonly judgeAt: JudgeAt },
): Handlers<'dryRunPolicies'> {
  return {
    dryRunPolicies: async (call) => {
      const { caller, body } = call;
      const now = clock.now();
      // Whose statements were looked at, and by whom, is recorded before anybody sees them.
      if (body.statements !== undefined) {
        refuseUnreadable(caller);
        await changeOrganization(store, caller.org, async (scope) => await noteReplay(scope, call, now));
      }
      const found = await readSnapshot(
        store,
        caller.org,
        async (scope) => await collect(scope, call, { reported, now }),
      );
      const { database, current, document, text, people, tables, recorded } = found;
      const comparer = new AccessComparer(tables);
      const isReported = tables.at !== null;
      const impact = await findPeopleImpact({ people, comparer, isReported, deadlineMs: peopleDeadlineMs });
      const statements =
        recorded === null || body.statements === undefined
          ? null
          : await findStatementImpact({
              days: body.statements.days,
              recorded,
              people,
              comparer,
              judge: body.statements.askAgent && isReported ? judgeAt(database) : null,
              deadlineMs: judgeDeadlineMs,
            });
      return {
        current: current.revision,
        difference: plain(compareDocuments(current.document, document)),
        unified: unifiedDiff(current.text, text, { from: `revision ${current.revision}`, to: 'dry run' }),
        warnings: warningsOf(document, text, tables),
        people: impact,
        statements,
      };
    },
  };
}

/** What was recorded is the audit's: an account of a program needs that scope too. */
function refuseUnreadable({ scopes }: Person): void {
  if (scopes === undefined || scopes.includes('audit:read')) return;
  throw new AppError('FORBIDDEN', {
    message: 'This needs the scope audit:read.',
    hint: 'Leave out "statements", or give the service account that scope.',
  });
}

type DryRunCall = Call<'dryRunPolicies'>;

async function collect(
  scope: Scope,
  { caller, params, body }: DryRunCall,
  { reported, now }: { readonly reported: ReportedTables; readonly now: number },
) {
  const database = await findDatabase(scope, params.database);
  const source = await sourceOf(scope, { caller, database, given: body });
  const document = readSource(source, database);
  await knownSubjects(scope, document);
  const current = await documentInForce(scope, database);
  const before = await currentWorld(scope, database);
  const after = worldUnder(before, document);
  const people = comparePeople(await peopleOf(scope, [before, after]), { before, after });
  const tables = await reported.of(
    scope,
    database.id,
    people.flatMap((each) => [each.before, each.after]),
  );
  const recorded =
    body.statements === undefined
      ? null
      : await recordedStatements(scope, {
          database: database.id,
          from: new Date(now - body.statements.days * dayMs),
          limit: body.statements.limit,
        });
  const text = source.text ?? patchPolicyText(current.text, document);
  return { database, current, document, text, people, tables, recorded };
}

async function noteReplay(scope: Scope, { caller, params, body }: DryRunCall, now: number): Promise<void> {
  const database = await findDatabase(scope, params.database);
  await recordActivity(scope, now, {
    action: 'statement.explained',
    actor: actorOf(caller),
    target: { kind: 'database', id: database.id, label: database.name },
    detail: { recorded: true, days: body.statements?.days ?? 0, limit: body.statements?.limit ?? 0 },
  });
}
