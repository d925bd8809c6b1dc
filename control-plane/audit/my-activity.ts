import type { MySession, MyStatement } from '@daam/shared/api/routes/my-activity';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { listConnections } from './connections.ts';
import { textOf } from './record-query.ts';
import { listStatements } from './statements.ts';

/**
 * The caller's own sessions and statements. Whose they are is the caller's id and no part of the question; of each
 * record only what is named here leaves.
 */
export function myActivityHandlers({
  clock,
}: Pick<Services, 'clock'>): Handlers<'listMySessions' | 'listMyStatements'> {
  return {
    listMySessions: async ({ caller, scope, query: asked }) => {
      const filter = { ...asked, user: caller.id, kind: 'session.opened' };
      const page = await listConnections(scope, filter, clock.now());
      const names = await namesOf(scope, page.items);
      return {
        next: page.next,
        items: page.items.map(({ session, database, at, event, end }) => ({
          session: session ?? '',
          database: { id: database, name: names.get(database) ?? '' },
          openedAt: at,
          program: textOf(event['application']),
          path: textOf(event['path']),
          policies: policiesOf(event['policies']),
          end: endOf(end),
        })),
      };
    },

    listMyStatements: async ({ caller, scope, query: asked }) => {
      const page = await listStatements(scope, { ...asked, user: caller.id, kind: 'statement' });
      const names = await namesOf(scope, page.items);
      return {
        next: page.next,
        items: page.items.map(
          ({ agent, seq, at, session, database, event, class: judged, end }): MyStatement => ({
            agent,
            seq,
            at,
            session,
            database: { id: database, name: names.get(database) ?? '' },
            text: textOf(event['text']) ?? '',
            isTruncated: event['truncated'] === true,
            class: judged,
            decision: event['decision'] === 'allow' ? 'allow' : 'deny',
            rule: textOf(event['rule']),
            sqlstate: textOf(event['sqlstate']),
            tables: tablesOf(event['tables']),
            end:
              end === null
                ? null
                : { at: end.at, durationMs: end.durationMs, rows: end.rows, sqlstate: end.sqlstate },
          }),
        ),
      };
    },
  };
}

type Ended = Awaited<ReturnType<typeof listConnections>>['items'][number]['end'];

function endOf(end: Ended): MySession['end'] {
  if (end === null) return null;
  const { at, durationMs, reason, statements, rows, masked = null, refused = null } = end;
  return { at, durationMs, reason, statements, rows, masked, refused };
}

/** Names of databases, of those too that were removed. */
async function namesOf(
  scope: Scope,
  items: readonly { readonly database: string }[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(items.map(({ database }) => database))];
  if (ids.length === 0) return new Map();
  const rows = await query<{ id: string; name: string }[]>(
    scope.em,
    'select id, name from databases where org_id = ? and id = any(?::uuid[])',
    [scope.org, ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function policiesOf(value: unknown): MySession['policies'] {
  return recordsOf(value).flatMap(({ policy, version }) =>
    typeof policy === 'string' && typeof version === 'number' && Number.isSafeInteger(version)
      ? [{ policy, version }]
      : [],
  );
}

function tablesOf(value: unknown): MyStatement['tables'] {
  return recordsOf(value).flatMap(({ schema, name, operation, masked }) =>
    typeof schema === 'string' && typeof name === 'string' && typeof operation === 'string'
      ? [{ schema, name, operation, masked: masked === true }]
      : [],
  );
}

/** An agent wrote it: whatever is there. */
function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
