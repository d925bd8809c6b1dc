import { AppError } from '@daam/shared/errors/app-error';
import { type PolicyDocument, parsePolicyDocument } from '@daam/shared/policy/document';
import { parsePolicyText, patchPolicyText } from '@daam/shared/policy/policy-text';
import { difference, recordActivity } from '../audit/activity.ts';
import type { Database } from '../db/entities/database.ts';
import type { Scope } from '../db/scope.ts';
import type { Person } from '../http/call.ts';
import { actorOf } from '../services.ts';
import { type PublicationTouch, type PublishedProposal, requirePermit } from './publication-permit.ts';
import { bumpEpochs } from './access-change.ts';
import { type DocumentChange, loadDocument, storeDocument } from './document-store.ts';
import { appendRevision, documentInForce, type NewRevision } from './revision-store.ts';

/** A document as somebody gives it: text, whose comments are kept, or an object. */
export interface PolicySource {
  readonly text?: string | undefined;
  readonly document?: Readonly<Record<string, unknown>> | undefined;
}

export interface Publication {
  readonly caller: Person;
  readonly database: Database;
  readonly source: PolicySource;
  readonly comment: string;
  /** Default: published. */
  readonly kind?: NewRevision['kind'];
  readonly restoredFrom?: number;
  /** CONFLICT unless this revision is in force. */
  readonly expectRevision?: number | undefined;
  /** Of a publication that was prepared. */
  readonly id?: string;
  /** The passkey's word for just this, verified; absent where the caller brought none. */
  readonly touch?: PublicationTouch;
  /** The proposal that it comes from. */
  readonly proposal?: PublishedProposal;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/**
 * Puts a document in force: new versions of the policies that changed, the next epoch, a revision, and the record of
 * it, in the caller's transaction. Whoever may is looked at here, once for all ways that lead here. The same document again is no news: policy as code may be applied at every
 * deployment. A text that says the same in other words is a revision without an epoch.
 */
export async function publishDocument(scope: Scope, publication: Publication): Promise<void> {
  const { caller, database, source, comment, touch, proposal, now } = publication;
  const current = await documentInForce(scope, database);
  refuseStale(publication.expectRevision, current.revision);
  const document = readSource(source, database);
  const before = await auditedOf(scope, database, current.revision);
  const at = new Date(now);
  const change = await storeDocument(scope, { database, document, author: caller.id, comment, now: at });
  const text = source.text ?? patchPolicyText(current.text, document);
  if (!isChange(change) && text === current.text) return;
  // After what it would change is known: throwing takes it back.
  await requirePermit(scope, caller, { touch, proposal });
  if (isChange(change)) {
    await bumpEpochs(scope, [database.id]);
    await scope.em.refresh(database);
  }
  const { policies } = await loadDocument(scope, database);
  const revision = await appendRevision(scope, database.id, {
    kind: publication.kind ?? 'published',
    epoch: database.epoch,
    comment,
    author: caller.id,
    restoredFrom: publication.restoredFrom ?? null,
    document,
    text,
    versions: policies.map(({ name, currentVersion }) => ({ name, version: currentVersion })),
    added: change.added,
    changed: [...new Set([...change.changed.map(({ name }) => name), ...change.assigned])].filter(
      (name) => !change.added.includes(name),
    ),
    removed: change.removed,
    publication: publication.id ?? null,
    proposedBy: proposal?.by ?? null,
    signed: touch ?? null,
    now: at,
  });
  await recordActivity(scope, now, {
    action: 'policies.changed',
    actor: actorOf(caller),
    target: { kind: 'database', id: database.id, label: database.name },
    detail: { ...change, epoch: database.epoch, revision, ...detailOf(publication) },
    ...difference(before, await auditedOf(scope, database, revision)),
  });
}

/** Parses what was given and checks that it is for this database. INVALID_POLICY names the place. */
export function readSource({ text, document }: PolicySource, database: Database): PolicyDocument {
  const parsed = text === undefined ? parsePolicyDocument(document) : parsePolicyText(text);
  refuseOtherDatabase(parsed, database);
  return parsed;
}

/** INVALID_POLICY for a document of another database. */
export function refuseOtherDatabase(document: PolicyDocument, database: Database): void {
  if (document.database === database.name) return;
  throw new AppError('INVALID_POLICY', {
    field: 'database',
    message: `database: the document is for "${document.database}", not for "${database.name}".`,
  });
}

/** CONFLICT when another revision is in force than the one that a change was made for. */
export function refuseStale(expected: number | undefined, current: number): void {
  if (expected === undefined || expected === current) return;
  throw new AppError('CONFLICT', {
    field: 'expectRevision',
    message: `Revision ${current} is in force by now, and this was made for revision ${expected}.`,
    hint: 'Look at what was published meanwhile (compare from your revision to current), and bring your change onto it.',
  });
}

/** Why, whose proposal, and the proof of the touch, as the audit keeps them. */
function detailOf({ comment, proposal, touch }: Publication) {
  return {
    ...(comment === '' ? {} : { comment }),
    ...(proposal === undefined ? {} : { proposal: proposal.id, proposedBy: proposal.by }),
    ...(touch === undefined ? {} : { signed: touch }),
  };
}

function isChange({ added, changed, removed, assigned, isReordered }: DocumentChange): boolean {
  return isReordered || [added, changed, removed, assigned].some((names) => names.length > 0);
}

/** Which versions are in force: each is kept whole in policy_versions. */
async function auditedOf(scope: Scope, database: Database, revision: number) {
  const { policies } = await loadDocument(scope, database);
  const versions = Object.fromEntries(policies.map(({ name, currentVersion }) => [name, currentVersion]));
  return { epoch: database.epoch, revision, versions };
}
