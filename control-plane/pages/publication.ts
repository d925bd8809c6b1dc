import { randomUUID } from 'node:crypto';
import { signedLines } from '@daam/shared/api/difference-text';
import { asId, type OrgId, type UserId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { publicationChallenge } from '@daam/shared/identity/publication-challenge';
import { compareDocuments } from '@daam/shared/policy/document-difference';
import { findDatabase } from '../databases/find-database.ts';
import { UserEntity } from '../db/entities/user.ts';
import { changeOrganization, readSnapshot, type Scope, systemScope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { assertionOptions, randomNonce, verifyAssertion } from '../identity/assertion.ts';
import { publicationFlow } from '../identity/flows.ts';
import { createCode, peekCode, takeCode } from '../identity/one-time-codes.ts';
import { passkeysOf } from '../identity/passkey-store.ts';
import { requireRelyingParty } from '../identity/sign-in-commitment.ts';
import { hashToken } from '../identity/tokens.ts';
import { plain } from '../policies/plain.ts';
import {
  makePublication,
  type PreparedPublication,
  preparePublication,
  refuseNothing,
  refuseOtherPublication,
} from '../policies/publication.ts';
import { currentRevision } from '../policies/revision-store.ts';
import type { Services } from '../services.ts';
import type { ShownPublication } from './contracts.ts';
import { publicationPage } from './publication-page.ts';
import { stepOver } from './step-over.ts';
import { noPasskey, notTheirs, personOf } from './touch.ts';

type Names = 'beginPublication' | 'showPublication' | 'openPublication' | 'finishPublication';

/** Lines of a difference that the page shows: nobody signs what they cannot see. */
const maxLines = 5_000;

/**
 * A publication of policies by its own touch of a passkey, as decisions on requests are made (pages/decision.ts): a
 * program prepares it, the page shows what it changes, and the passkey signs just that document over just that revision.
 */
export function publicationHandlers(services: Services): Handlers<Names> {
  const { store, clock, site } = services;
  return {
    beginPublication: async ({ caller, scope, params, body }) => {
      requireRelyingParty(services);
      const now = clock.now();
      const database = await findDatabase(scope, params.database);
      const prepared = await preparePublication(scope, { caller, database, body });
      refuseNothing(prepared);
      changesOf(prepared);
      if ((await passkeysOf(scope, caller.id)).length === 0) throw noPasskey();
      const id = randomUUID();
      const data = { id, user: caller.id, nonce: randomNonce(), body, said: prepared.said };
      const code = await createCode(scope.em, publicationFlow, { org: scope.org, data, now });
      return { id, url: `${site.url}/publish#${code.text}`, expiresAt: code.expiresAt.toISOString() };
    },

    showPublication: async () => {
      requireRelyingParty(services);
      return publicationPage;
    },

    openPublication: async ({ body: { flow } }) => {
      const relyingParty = requireRelyingParty(services);
      const stored = await peekCode(systemScope(store, 'sign-in'), publicationFlow, {
        hash: hashToken(flow),
        now: clock.now(),
      });
      if (stored === null || stored.org === null) throw stepOver();
      const { user, said, nonce, body } = stored.data;
      return await readSnapshot(store, stored.org, async (scope) => {
        const caller = await publisherNow(scope, user);
        const database = await findDatabase(scope, said.database);
        const prepared = await preparePublication(scope, { caller, database, body });
        refuseOtherPublication(said, prepared.said);
        const challenge = publicationChallenge(said, nonce);
        const allowed = await passkeysOf(scope, user);
        return {
          publicKey: assertionOptions({ relyingParty, challenge, allowed }),
          publication: shown(prepared, database.name),
        };
      });
    },

    finishPublication: async ({ body: { flow, credential } }) => {
      const now = clock.now();
      const codes = systemScope(store, 'sign-in');
      const stored = await takeCode(codes, publicationFlow, { text: flow, now });
      if (stored === null || stored.org === null) throw stepOver();
      const { id, user, said, nonce, body } = stored.data;
      const asserted = await verifyAssertion(codes, {
        credential,
        challenge: publicationChallenge(said, nonce),
        nonce,
        org: asId<OrgId>(said.org),
        relyingParty: requireRelyingParty(services),
        now,
      });
      if (asserted.user.id !== user) throw notTheirs('The publication');
      return await changeOrganization(store, asserted.org, async (scope) => {
        await publisherNow(scope, user);
        const database = await findDatabase(scope, said.database);
        const request = { caller: personOf(asserted), database, body };
        const prepared = await preparePublication(scope, request);
        refuseOtherPublication(said, prepared.said);
        const touch = { passkey: asserted.passkeyId, proof: asserted.proof, said };
        await makePublication(scope, request, { prepared, id, touch, now });
        return { epoch: database.epoch, revision: await currentRevision(scope, database.id) };
      });
    },
  };
}

/** Who publishes, as they are now: an administrator still. */
async function publisherNow(scope: Scope, id: string): Promise<Person> {
  const user = await scope.em.findOne(UserEntity, { id, disabledAt: null });
  if (user === null) throw stepOver();
  if (user.role !== 'admin') throw new AppError('FORBIDDEN', { message: 'This needs the role admin.' });
  const { email, name, role } = user;
  const known = { id: asId<UserId>(user.id), email, name, role };
  return personOf({ user: known, org: scope.org, passkeyId: '', authTime: 0 });
}

function shown(prepared: PreparedPublication, database: string): ShownPublication {
  const { said, proposal } = prepared;
  return {
    database,
    base: said.base === 0 ? 'nothing: it is the first' : `revision ${said.base}`,
    changes: changesOf(prepared),
    comment: said.comment === '' ? null : said.comment,
    proposedBy: proposal?.author.email ?? null,
  };
}

/** All of it, as lines. INVALID_INPUT where it is more than the page shows. */
function changesOf({ document, current }: PreparedPublication): string[] {
  const lines = signedLines(plain(compareDocuments(current.document, document)));
  if (lines.length <= maxLines) return lines;
  throw new AppError('INVALID_INPUT', {
    field: 'body',
    message: `This changes more than the ${maxLines} lines that a page shows before the touch.`,
    hint: 'Publish it in several steps, or by a service account with policies:publish.',
  });
}
