import type { PolicyDraftView } from '@daam/shared/api/policies';
import { AppError } from '@daam/shared/errors/app-error';
import type { Database } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { checkText } from './check-text.ts';
import { currentRevision } from './revision-store.ts';

/**
 * Drafts: the text that an author works on, one for each author and database, until it is published or discarded. It
 * may be unfinished; whether it can be published is looked at when it is read.
 */
export interface Draft {
  readonly author: { readonly id: string; readonly email: string };
  readonly base: number;
  readonly edition: number;
  readonly text: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

interface DraftRow {
  readonly author_id: string;
  readonly email: string;
  readonly base: number;
  readonly edition: number;
  readonly text: string;
  readonly created_at: Date | string;
  readonly updated_at: Date | string;
}

/** All drafts of a database, or one author's; the last saved one first. */
export async function findDrafts(scope: Scope, database: string, author?: string): Promise<Draft[]> {
  const rows = await query<DraftRow[]>(
    scope.em,
    `select d.author_id, u.email, d.base, d.edition, d.text, d.created_at, d.updated_at
       from policy_drafts d join users u on u.org_id = d.org_id and u.id = d.author_id
      where d.org_id = ? and d.database_id = ? and (?::uuid is null or d.author_id = ?::uuid)
      order by d.updated_at desc, d.author_id limit 1000`,
    [scope.org, database, author ?? null, author ?? null],
  );
  return rows.map((row) => ({
    author: { id: row.author_id, email: row.email },
    base: row.base,
    edition: row.edition,
    text: row.text,
    createdAt: new Date(row.created_at).toISOString(),
    updatedAt: new Date(row.updated_at).toISOString(),
  }));
}

/** The author's own draft; NOT_FOUND when there is none. */
export async function ownDraft(scope: Scope, database: string, author: string): Promise<Draft> {
  const [draft] = await findDrafts(scope, database, author);
  if (draft === undefined)
    throw new AppError('NOT_FOUND', { message: 'You have no draft of these policies.' });
  return draft;
}

/** The same, if it is still the edition that the author saw; CONFLICT else (another window saved it). */
export async function seenDraft(
  scope: Scope,
  {
    database,
    author,
    edition,
  }: { readonly database: string; readonly author: string; readonly edition: number },
): Promise<Draft> {
  const draft = await ownDraft(scope, database, author);
  refuseOtherEdition(draft.edition, edition);
  return draft;
}

/** CONFLICT when a draft was saved since; an edition of 0 says that there was none. */
export function refuseOtherEdition(current: number, seen: number): void {
  if (current === seen) return;
  throw new AppError('CONFLICT', {
    field: 'body.edition',
    message:
      current === 0
        ? 'The draft was published or discarded meanwhile.'
        : `The draft was saved elsewhere meanwhile (edition ${current}).`,
    hint: 'Read the draft again, and apply your change to that.',
  });
}

/** Saves the next edition. */
export async function saveDraft(
  scope: Scope,
  saved: {
    readonly database: string;
    readonly author: string;
    readonly base: number;
    readonly text: string;
    readonly now: Date;
  },
): Promise<Draft> {
  const { database, author, base, text, now } = saved;
  await query(
    scope.em,
    `insert into policy_drafts (org_id, database_id, author_id, base, edition, text, created_at, updated_at)
     values (?, ?, ?, ?, 1, ?, ?, ?)
     on conflict (database_id, author_id) do update
       set base = excluded.base, text = excluded.text, updated_at = excluded.updated_at,
           edition = policy_drafts.edition + 1`,
    [scope.org, database, author, base, text, now, now],
  );
  return await ownDraft(scope, database, author);
}

/** Removes the author's draft, if there is one. */
export async function removeDraft(scope: Scope, database: string, author: string): Promise<void> {
  await query(scope.em, 'delete from policy_drafts where org_id = ? and database_id = ? and author_id = ?', [
    scope.org,
    database,
    author,
  ]);
}

/** A draft as the API shows it. */
export async function showDraft(scope: Scope, database: Database, draft: Draft): Promise<PolicyDraftView> {
  const current = await currentRevision(scope, database.id);
  const { document, problems } = await checkText(scope, database, draft.text);
  return {
    ...draft,
    current,
    isStale: draft.base !== current,
    document: document === null ? null : { ...document },
    problems: [...problems],
  };
}
