import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { PublicationBody } from '@daam/shared/api/routes/publications';
import { AppError } from '@daam/shared/errors/app-error';
import { publicationHashes, type SignedPublication } from '@daam/shared/identity/publication-challenge';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { patchPolicyText } from '@daam/shared/policy/policy-text';
import type { Database } from '../db/entities/database.ts';
import { UserEntity } from '../db/entities/user.ts';
import type { Scope } from '../db/scope.ts';
import type { Person } from '../http/call.ts';
import { removeDraft, seenDraft } from './draft-store.ts';
import { closeProposal, openProposal, type Proposal } from './proposal-store.ts';
import { type PublicationTouch, refuseAlone } from './publication-permit.ts';
import { loadPolicySettings } from './publication-settings.ts';
import { publishDocument, readSource, refuseStale } from './publish.ts';
import { withOnePolicy } from './restored-text.ts';
import { currentRevision, documentInForce, loadRevision } from './revision-store.ts';

/** A publication as it would be made now: the document with its text, over the revision in force. */
export interface PreparedPublication {
  readonly text: string;
  readonly document: PolicyDocument;
  /** What is in force, to compare with. */
  readonly current: { readonly document: PolicyDocument; readonly text: string };
  readonly said: SignedPublication;
  readonly proposal: Proposal | null;
  readonly restoredFrom: number | null;
}

export interface PublicationRequest {
  readonly caller: Person;
  readonly database: Database;
  readonly body: PublicationBody;
}

/**
 * What somebody's publication would say now. Throws where they may not make it, and where its base is not in force any
 * more.
 */
export async function preparePublication(
  scope: Scope,
  { caller, database, body }: PublicationRequest,
): Promise<PreparedPublication> {
  const asked = await resolve(scope, { caller, database, body });
  const { proposal } = asked;
  refuseAlone(await loadPolicySettings(scope), caller, by(proposal));
  const current = await documentInForce(scope, database);
  refuseStale(asked.base, current.revision);
  const said = {
    org: scope.org,
    user: caller.id,
    database: database.id,
    base: current.revision,
    ...publicationHashes(asked.document, asked.text),
    proposal: by(proposal) ?? null,
    comment: asked.comment,
  };
  return { ...asked, current, said };
}

/** Puts it in force; removes the draft, or closes the proposal, that it came from. */
export async function makePublication(
  scope: Scope,
  { caller, database, body }: PublicationRequest,
  made: {
    readonly prepared: PreparedPublication;
    readonly id?: string;
    readonly touch?: PublicationTouch;
    readonly now: number;
  },
): Promise<void> {
  const { prepared, id, touch, now } = made;
  const { text, proposal, restoredFrom, said } = prepared;
  await publishDocument(scope, {
    caller,
    database,
    source: { text },
    comment: said.comment,
    ...(restoredFrom === null ? {} : { kind: 'restored', restoredFrom }),
    expectRevision: said.base,
    ...(id === undefined ? {} : { id }),
    ...(touch === undefined ? {} : { touch }),
    ...(proposal === null ? {} : { proposal: { id: proposal.id, by: proposal.author.id } }),
    now,
  });
  if (body.kind === 'draft') await removeDraft(scope, database.id, caller.id);
  if (proposal === null) return;
  await closeProposal(scope, proposal, {
    state: 'published',
    by: caller.id,
    note: null,
    now: new Date(now),
  });
}

/** CONFLICT when it is in force already. */
export function refuseNothing({ text, current }: PreparedPublication): void {
  if (text !== current.text) return;
  throw new AppError('CONFLICT', { message: 'This is in force already: there is nothing to publish.' });
}

/** CONFLICT when it would now say something else than what was shown. */
export function refuseOtherPublication(shown: SignedPublication, now: SignedPublication): void {
  if (canonicalJson(shown) === canonicalJson(now)) return;
  throw new AppError('CONFLICT', {
    message: 'What you were about to publish was changed meanwhile.',
    hint: 'Look at it again, and publish again.',
  });
}

interface Resolved {
  readonly text: string;
  readonly document: PolicyDocument;
  readonly comment: string;
  /** The revision that it is for; undefined: whichever is in force. */
  readonly base: number | undefined;
  readonly proposal: Proposal | null;
  readonly restoredFrom: number | null;
}

async function resolve(scope: Scope, { caller, database, body }: PublicationRequest): Promise<Resolved> {
  switch (body.kind) {
    case 'draft': {
      const { edition, comment } = body;
      const draft = await seenDraft(scope, { database: database.id, author: caller.id, edition });
      return ofText(database, { text: draft.text, base: draft.base, comment });
    }
    case 'document': {
      const { comment, expectRevision: base } = body;
      const text =
        body.text ??
        patchPolicyText((await documentInForce(scope, database)).text, readSource(body, database));
      return ofText(database, { text, base, comment });
    }
    case 'restore':
      return await resolveRestore(scope, database, body);
    case 'proposal': {
      const proposal = await openProposal(scope, database.id, body.proposal);
      await refuseGoneAuthor(scope, proposal);
      return { ...ofText(database, proposal), proposal };
    }
    default:
      return body satisfies never;
  }
}

async function resolveRestore(
  scope: Scope,
  database: Database,
  { revision, policy: name, comment, expectRevision }: Extract<PublicationBody, { kind: 'restore' }>,
): Promise<Resolved> {
  const restored = await loadRevision(scope, database, revision);
  const text = name === undefined ? restored.text : await withOnePolicy(scope, { database, restored, name });
  const base = expectRevision ?? (await currentRevision(scope, database.id));
  return { ...ofText(database, { text, base, comment }), restoredFrom: revision };
}

function ofText(
  database: Database,
  { text, base, comment }: Pick<Resolved, 'text' | 'base' | 'comment'>,
): Resolved {
  return {
    text,
    base,
    comment,
    document: readSource({ text }, database),
    proposal: null,
    restoredFrom: null,
  };
}

/** Two administrators stand behind a proposal: whoever made it has to be one still. */
async function refuseGoneAuthor(scope: Scope, { author }: Proposal): Promise<void> {
  const isThere = { id: author.id, role: 'admin' as const, disabledAt: null };
  if ((await scope.em.count(UserEntity, isThere)) > 0) return;
  throw new AppError('CONFLICT', {
    message: `${author.email} is no administrator any more.`,
    hint: 'Make the change your own draft, and propose it.',
  });
}

function by(proposal: Proposal | null): { readonly id: string; readonly by: string } | undefined {
  return proposal === null ? undefined : { id: proposal.id, by: proposal.author.id };
}
