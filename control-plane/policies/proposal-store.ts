import { randomUUID } from 'node:crypto';
import type { PolicyProposal } from '@daam/shared/api/routes/publications';
import { AppError } from '@daam/shared/errors/app-error';
import { decodeCursor, pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { currentRevision } from './revision-store.ts';

/**
 * Proposals: documents as their author left them, for another administrator to publish. A proposal is closed once; the
 * database holds that below (migration 0054).
 */
export interface Proposal {
  readonly id: string;
  readonly state: 'open' | 'published' | 'withdrawn' | 'declined';
  readonly author: { readonly id: string; readonly email: string };
  readonly base: number;
  readonly comment: string;
  readonly text: string;
  readonly createdAt: string;
  readonly closedBy: { readonly id: string; readonly email: string } | null;
  readonly closedAt: string | null;
  readonly note: string | null;
}

/** Open proposals that one database may have. */
export const maxOpenProposals = 20;
/** Withdrawn and declined ones of a database that are kept. */
const maxClosedProposals = 20;

interface ProposalRow {
  readonly id: string;
  readonly state: Proposal['state'];
  readonly author_id: string;
  readonly author_email: string;
  readonly base: number;
  readonly comment: string;
  readonly text: string;
  readonly at: string;
  readonly closed_by: string | null;
  readonly closer_email: string | null;
  readonly closed: Date | string | null;
  readonly note: string | null;
}

const columns = `p.id, p.state, p.author_id, a.email as author_email, p.base, p.comment, p.note, p.closed_by,
  c.email as closer_email, p.closed_at as closed,
  to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`;
const source = `policy_proposals p join users a on a.org_id = p.org_id and a.id = p.author_id
  left join users c on c.org_id = p.org_id and c.id = p.closed_by`;

/** Keeps a document as it is proposed. CONFLICT when too many are open already. */
export async function addProposal(
  scope: Scope,
  made: {
    readonly database: string;
    readonly author: string;
    readonly base: number;
    readonly text: string;
    readonly comment: string;
    readonly now: Date;
  },
): Promise<Proposal> {
  const [open] = await query<{ count: number }[]>(
    scope.em,
    `select count(*)::int as count from policy_proposals where org_id = ? and database_id = ? and state = 'open'`,
    [scope.org, made.database],
  );
  if ((open?.count ?? 0) >= maxOpenProposals) {
    throw new AppError('CONFLICT', {
      message: `${maxOpenProposals} proposals are open already.`,
      hint: 'Publish, withdraw or decline some of them first.',
    });
  }
  await dropOldest(scope, made.database);
  const id = randomUUID();
  await query(
    scope.em,
    `insert into policy_proposals (id, org_id, database_id, author_id, base, text, comment, created_at, state)
     values (?, ?, ?, ?, ?, ?, ?, ?, 'open')`,
    [id, scope.org, made.database, made.author, made.base, made.text, made.comment, made.now],
  );
  return await findProposal(scope, made.database, id);
}

/** Proposals of a database that came to nothing stay with their texts up to a number; the audit names the others. */
async function dropOldest(scope: Scope, database: string): Promise<void> {
  await query(
    scope.em,
    `delete from policy_proposals where org_id = ? and id in (
       select id from policy_proposals
        where org_id = ? and database_id = ? and state in ('withdrawn', 'declined')
        order by closed_at desc, id offset ?)`,
    [scope.org, scope.org, database, maxClosedProposals],
  );
}

/** NOT_FOUND for one of another database. */
export async function findProposal(scope: Scope, database: string, id: string): Promise<Proposal> {
  const [row] = await query<ProposalRow[]>(
    scope.em,
    `select ${columns}, p.text from ${source} where p.org_id = ? and p.database_id = ? and p.id = ?`,
    [scope.org, database, id],
  );
  if (row === undefined) throw new AppError('NOT_FOUND', { message: 'There is no such proposal.' });
  return read(row);
}

/** The same, if nobody closed it yet; CONFLICT else. */
export async function openProposal(scope: Scope, database: string, id: string): Promise<Proposal> {
  const proposal = await findProposal(scope, database, id);
  if (proposal.state === 'open') return proposal;
  throw new AppError('CONFLICT', { message: `This proposal was ${proposal.state} meanwhile.` });
}

/** Closes an open proposal; needs the lock that `changeOrganization` takes. */
export async function closeProposal(
  scope: Scope,
  { id }: Proposal,
  closing: {
    readonly state: 'published' | 'withdrawn' | 'declined';
    readonly by: string;
    readonly note: string | null;
    readonly now: Date;
  },
): Promise<void> {
  await query(
    scope.em,
    `update policy_proposals set state = ?, closed_by = ?, closed_at = ?, note = ?
      where org_id = ? and id = ? and state = 'open'`,
    [closing.state, closing.by, closing.now, closing.note, scope.org, id],
  );
}

/** Newest first, without their texts. */
export async function listProposals(
  scope: Scope,
  database: string,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
) {
  const [at, id] = decodeCursor(after, 2) ?? [null, null];
  const rows = await query<ProposalRow[]>(
    scope.em,
    `select ${columns} from ${source}
      where p.org_id = ? and p.database_id = ?
        and (?::timestamptz is null or (p.created_at, p.id) < (?::timestamptz, ?::uuid))
      order by p.created_at desc, p.id desc limit ?`,
    [scope.org, database, at, at, id, limit + 1],
  );
  const current = await currentRevision(scope, database);
  return pageFrom(rows, limit, {
    show: (row) => showProposal(read(row), current),
    cursorOf: (row) => [row.at, row.id],
  });
}

/** A proposal as the API shows it. `current`: the revision in force. */
export function showProposal(proposal: Proposal, current: number): PolicyProposal {
  const isStale = proposal.state === 'open' && proposal.base !== current;
  return { ...proposal, state: isStale ? 'stale' : proposal.state };
}

function read(row: ProposalRow): Proposal {
  const { closed_by: closer, closer_email: email } = row;
  return {
    id: row.id,
    state: row.state,
    author: { id: row.author_id, email: row.author_email },
    base: row.base,
    comment: row.comment,
    text: row.text ?? '',
    createdAt: row.at,
    closedBy: closer === null || email === null ? null : { id: closer, email },
    closedAt: row.closed === null ? null : new Date(row.closed).toISOString(),
    note: row.note,
  };
}
