import type { EffectiveAccess } from '@daam/shared/api/policies';
import { AppError } from '@daam/shared/errors/app-error';
import { parsePattern } from '@daam/shared/policy/pattern';
import { findDatabase } from '../databases/find-database.ts';
import { mayUse } from '../databases/my-databases.ts';
import type { Database } from '../db/entities/database.ts';
import { readSnapshot, type Scope } from '../db/scope.ts';
import type { Call, Handlers, Person } from '../http/call.ts';
import type { Services } from '../services.ts';
import { findGroup, findUser } from './assignment-handlers.ts';
import { explainColumnAccess } from './column-explanation.ts';
import { ownDraft } from './draft-store.ts';
import { type AccessAsked, showEffectiveAccess } from './effective-access.ts';
import type { ReportedTables } from './known-tables.ts';
import {
  currentWorld,
  memberOfGroup,
  personalPolicy,
  personOf,
  type PolicyWorld,
  type WorldPerson,
  worldUnder,
} from './policy-world.ts';
import { type PolicySource, readSource } from './publish.ts';
import { documentInForce } from './revision-store.ts';
import { RuleLocators } from './rule-places.ts';

type Names = 'getEffectiveAccess' | 'explainColumn' | 'previewAccess';

/** What somebody may do, and why: under the document in force, or under one that is only thought of. */
export function accessHandlers({ store }: Services, reported: ReportedTables): Handlers<Names> {
  const sources: Sources = { reported, locators: new RuleLocators() };
  return {
    getEffectiveAccess: async ({ caller, scope, params, query }) => {
      refuseBadPattern(query.table);
      const asked = await accessOf(scope, { caller, sources, database: params.database, user: query.user });
      return showEffectiveAccess({ ...asked, ...query });
    },

    explainColumn: async ({ caller, scope, params, query }) => {
      const [schema, table, column] = columnName(query.column);
      const asked = await accessOf(scope, { caller, sources, database: params.database, user: query.user });
      return explainColumnAccess({ ...asked, schema, table, column, operation: query.operation });
    },

    previewAccess: async ({ caller, params, body }) => {
      refuseBadPattern(body.table);
      return await readSnapshot(store, caller.org, async (scope) => {
        const database = await findDatabase(scope, params.database);
        const source = await sourceOf(scope, { caller, database, given: body });
        const document = readSource(source, database);
        const world = worldUnder(await currentWorld(scope, database), document);
        const { subject, person } = await subjectOf(scope, body);
        const text = source.text ?? (await documentInForce(scope, database)).text;
        const asked = await complete(scope, { database, world, person, subject, text, sources });
        return showEffectiveAccess({ ...asked, ...body, showsValues: true });
      });
    },
  };
}

/** The document that is meant: what was given, else the caller's own draft. */
export async function sourceOf(
  scope: Scope,
  {
    caller,
    database,
    given,
  }: { readonly caller: Person; readonly database: Database; readonly given: PolicySource },
): Promise<PolicySource> {
  if (given.text !== undefined || given.document !== undefined) return given;
  return { text: (await ownDraft(scope, database.id, caller.id)).text };
}

/** What is read once and kept. */
interface Sources {
  readonly reported: ReportedTables;
  readonly locators: RuleLocators;
}

interface WhoseAccess {
  readonly caller: Person;
  readonly sources: Sources;
  readonly database: string;
  readonly user: string | undefined;
}

/** Members ask about themselves, in databases that they may use; a database that they may not is none. */
async function accessOf(
  scope: Scope,
  { caller, sources, database: reference, user }: WhoseAccess,
): Promise<Complete> {
  const database = await findDatabase(scope, reference);
  const isReader = caller.role !== 'member';
  if (!isReader && !(await mayUse(scope, caller.id, database.id))) {
    throw new AppError('NOT_FOUND', { message: 'There is no such database.' });
  }
  const isOwn = user === undefined || user === caller.id || user === caller.email;
  if (!isReader && !isOwn) {
    throw new AppError('FORBIDDEN', {
      message: 'Only auditors and administrators may look at the access of somebody else.',
      hint: 'Leave out "user" to see your own.',
    });
  }
  const { subject, person } = await subjectOf(scope, { user: user ?? caller.id });
  const world = await currentWorld(scope, database);
  const { text } = await documentInForce(scope, database);
  return await complete(scope, { database, world, person, subject, text, sources, showsValues: isReader });
}

type Complete = Omit<AccessAsked, 'limit' | 'after' | 'table'>;

async function complete(
  scope: Scope,
  {
    database,
    world,
    person,
    subject,
    text,
    sources,
    showsValues = true,
  }: {
    readonly database: Database;
    readonly world: PolicyWorld;
    readonly person: WorldPerson;
    readonly subject: EffectiveAccess['subject'];
    readonly text: string;
    readonly sources: Sources;
    readonly showsValues?: boolean;
  },
): Promise<Complete> {
  const personal = personalPolicy(world, person);
  const tables = await sources.reported.of(scope, database.id, [personal.policy]);
  return { database, subject, personal, world, tables, locate: sources.locators.of(text), showsValues };
}

async function subjectOf(
  scope: Scope,
  { user, group }: { readonly user?: string | undefined; readonly group?: string | undefined },
): Promise<{ subject: EffectiveAccess['subject']; person: WorldPerson }> {
  if (group !== undefined) {
    const { id, name } = await findGroup(scope, group);
    return { subject: { kind: 'group', id, name }, person: memberOfGroup(name) };
  }
  const { id, email } = await findUser(scope, user ?? '');
  const person = await personOf(scope, id);
  if (person === null) throw new AppError('NOT_FOUND');
  return { subject: { kind: 'user', id, email }, person };
}

function refuseBadPattern(table: Call<'getEffectiveAccess'>['query']['table']): void {
  if (table !== undefined) segmentsOf(table, { count: 2, field: 'table' });
}

function columnName(text: string): readonly [string, string, string] {
  const [schema = '', table = '', column = ''] = segmentsOf(text, { count: 3, field: 'query.column' });
  return [schema, table, column];
}

function segmentsOf(text: string, { count, field }: { count: 2 | 3; field: string }): readonly string[] {
  try {
    return parsePattern(text, count);
  } catch (cause) {
    const shape = count === 2 ? 'schema.table' : 'schema.table.column';
    throw new AppError('INVALID_INPUT', { field, message: `${field}: write it as ${shape}`, cause });
  }
}
