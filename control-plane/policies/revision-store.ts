import type { PolicyRevision } from '@daam/shared/api/policies';
import { AppError } from '@daam/shared/errors/app-error';
import { type PolicyDocument, parsePolicyDocument } from '@daam/shared/policy/document';
import { compareDocuments } from '@daam/shared/policy/document-difference';
import { patchPolicyText, writePolicyText } from '@daam/shared/policy/policy-text';
import type { Database } from '../db/entities/database.ts';
import { decodeCursor, pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { loadDocument } from './document-store.ts';

/** A revision as it is written; its number is the next of its database. */
export interface NewRevision {
  readonly kind: 'published' | 'restored' | 'assigned';
  readonly epoch: number;
  readonly comment: string;
  readonly author: string | null;
  readonly restoredFrom: number | null;
  readonly document: PolicyDocument;
  readonly text: string;
  readonly versions: readonly { readonly name: string; readonly version: number }[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly publication: string | null;
  readonly proposedBy: string | null;
  /** The proof of the touch, as it is kept. */
  readonly signed: object | null;
  readonly now: Date;
}

/** A document with the text that says it, and the revision that it is or comes from. */
export interface WrittenDocument {
  /** 0: there was none yet. */
  readonly revision: number;
  readonly document: PolicyDocument;
  readonly text: string;
}

/** Appends a revision; needs the lock that `changeOrganization` takes. */
export async function appendRevision(scope: Scope, database: string, made: NewRevision): Promise<number> {
  const json = [made.document, made.versions, made.added, made.changed, made.removed].map((value) =>
    JSON.stringify(value),
  );
  const [document, ...rest] = json;
  const [row] = await query<{ revision: number }[]>(
    scope.em,
    `insert into policy_revisions
       (org_id, database_id, revision, kind, epoch, comment, author_id, restored_from, created_at, text,
        document, versions, added, changed, removed, publication_id, proposed_by, signed)
     select ?::uuid, ?::uuid, coalesce(max(revision), 0) + 1, ?, ?::bigint, ?, ?::uuid, ?::int, ?::timestamptz, ?,
            ?::jsonb, ?::jsonb, ?::jsonb, ?::jsonb, ?::jsonb, ?::uuid, ?::uuid, ?::jsonb
       from policy_revisions where org_id = ? and database_id = ?
     returning revision`,
    [
      scope.org,
      database,
      made.kind,
      made.epoch,
      made.comment,
      made.author,
      made.restoredFrom,
      made.now,
      made.text,
      document,
      ...rest,
      made.publication,
      made.proposedBy,
      made.signed === null ? null : JSON.stringify(made.signed),
      scope.org,
      database,
    ],
  );
  return row?.revision ?? 0;
}

/** The number of the newest revision; 0 before the first. */
export async function currentRevision(scope: Scope, database: string): Promise<number> {
  const [row] = await query<{ revision: number | null }[]>(
    scope.em,
    'select max(revision) as revision from policy_revisions where org_id = ? and database_id = ?',
    [scope.org, database],
  );
  return row?.revision ?? 0;
}

/**
 * The document in force and its text. People and groups come and go beside the document, so what is in force may have
 * fewer assignments than its revision: then the text is brought up to it.
 */
export async function documentInForce(scope: Scope, database: Database): Promise<WrittenDocument> {
  const { document } = await loadDocument(scope, database);
  const revision = await currentRevision(scope, database.id);
  if (revision === 0) return { revision, document, text: writePolicyText(document) };
  const kept = await loadRevision(scope, database, revision);
  const isSame = compareDocuments(kept.document, document).isSame;
  return { revision, document, text: isSame ? kept.text : patchPolicyText(kept.text, document) };
}

/** One revision with its document; 0 is the empty one. NOT_FOUND for a number that there is none of. */
export async function loadRevision(
  scope: Scope,
  database: Database,
  revision: number,
): Promise<WrittenDocument> {
  if (revision === 0) {
    const document: PolicyDocument = { database: database.name, policies: [] };
    return { revision, document, text: writePolicyText(document) };
  }
  const [row] = await query<{ document: unknown; text: string }[]>(
    scope.em,
    'select document, text from policy_revisions where org_id = ? and database_id = ? and revision = ?',
    [scope.org, database.id, revision],
  );
  if (row === undefined) throw new AppError('NOT_FOUND', { message: `There is no revision ${revision}.` });
  return { revision, document: parsePolicyDocument(row.document), text: row.text };
}

interface RevisionRow {
  readonly revision: number;
  readonly kind: PolicyRevision['kind'];
  readonly epoch: string | number;
  readonly comment: string;
  readonly author_id: string | null;
  readonly author_email: string | null;
  readonly restored_from: number | null;
  readonly versions: PolicyRevision['policies'];
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
  readonly at: string;
  readonly publication_id: string | null;
  readonly is_signed: boolean;
  readonly proposer_id: string | null;
  readonly proposer_email: string | null;
}

const columns = `r.revision, r.kind, r.epoch, r.comment, r.restored_from, r.versions, r.added, r.changed, r.removed,
  u.id as author_id, u.email as author_email, r.publication_id, r.signed is not null as is_signed,
  q.id as proposer_id, q.email as proposer_email,
  to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`;
const source = `policy_revisions r left join users u on u.org_id = r.org_id and u.id = r.author_id
  left join users q on q.org_id = r.org_id and q.id = r.proposed_by`;

/** Revisions without their documents, newest first. */
export async function listRevisions(
  scope: Scope,
  database: Database,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
) {
  const [before] = decodeCursor(after, 1) ?? [null];
  const rows = await query<RevisionRow[]>(
    scope.em,
    `select ${columns} from ${source}
      where r.org_id = ? and r.database_id = ? and (?::int is null or r.revision < ?::int)
      order by r.revision desc limit ?`,
    [scope.org, database.id, before, before, limit + 1],
  );
  return pageFrom(rows, limit, { show: showRevision, cursorOf: ({ revision }) => [revision] });
}

/** One revision with author and comment. */
export async function revisionHead(
  scope: Scope,
  database: Database,
  revision: number,
): Promise<PolicyRevision> {
  const [row] = await query<RevisionRow[]>(
    scope.em,
    `select ${columns} from ${source} where r.org_id = ? and r.database_id = ? and r.revision = ?`,
    [scope.org, database.id, revision],
  );
  if (row === undefined) throw new AppError('NOT_FOUND', { message: `There is no revision ${revision}.` });
  return showRevision(row);
}

function showRevision(row: RevisionRow): PolicyRevision {
  const { revision, kind, comment, added, changed, removed } = row;
  return {
    revision,
    kind,
    comment,
    added,
    changed,
    removed,
    epoch: Number(row.epoch),
    author: person(row.author_id, row.author_email),
    createdAt: row.at,
    restoredFrom: row.restored_from,
    policies: row.versions,
    publication: row.publication_id,
    isSigned: row.is_signed,
    proposedBy: person(row.proposer_id, row.proposer_email),
  };
}

function person(id: string | null, email: string | null): { id: string; email: string } | null {
  return id === null || email === null ? null : { id, email };
}
