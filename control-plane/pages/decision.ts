import type { DecisionBody } from '@daam/shared/api/routes/requests';
import { asId, type OrgId, type UserId } from '@daam/shared/domain/ids';
import { decisionChallenge } from '@daam/shared/identity/decision-challenge';
import { UserEntity } from '../db/entities/user.ts';
import { changeOrganization, readSnapshot, type Scope, systemScope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { assertionOptions, randomNonce, verifyAssertion } from '../identity/assertion.ts';
import { decisionFlow } from '../identity/flows.ts';
import { createCode, peekCode, takeCode } from '../identity/one-time-codes.ts';
import { passkeysOf } from '../identity/passkey-store.ts';
import { requireRelyingParty } from '../identity/sign-in-commitment.ts';
import { hashToken } from '../identity/tokens.ts';
import type { Decider } from '../requests/approvers.ts';
import { approve, type Deciding, deny } from '../requests/decide.ts';
import { deciderOf, visible } from '../requests/deciders.ts';
import { type PreparedDecision, prepareDecision, refuseChanged } from '../requests/prepare-decision.ts';
import { type AccessRequest, findRequest, lockRequest, type Terms } from '../requests/request-row.ts';
import { durationText, termsLines } from '../requests/terms-text.ts';
import type { Services } from '../services.ts';
import type { ShownDecision } from './contracts.ts';
import { decisionPage } from './decision-page.ts';
import { stepOver } from './step-over.ts';
import { noPasskey, notTheirs, personOf } from './touch.ts';

type Names = 'beginDecision' | 'showDecision' | 'openDecision' | 'finishDecision';

/**
 * A decision on an access request by its own touch of a passkey. A program prepares it (`beginDecision`) and opens the
 * page at the address that it gets; the page shows what is decided, and the passkey signs just that. Nobody has to be
 * signed in there: the secret behind the `#` names the decision, and the assertion must be its decider's.
 */
export function decisionHandlers(services: Services): Handlers<Names> {
  const { store, clock, site } = services;
  return {
    beginDecision: async ({ caller, scope, params, body }) => {
      requireRelyingParty(services);
      const now = clock.now();
      const person = await deciderOf(scope, caller);
      const request = visible(await findRequest(scope, params.id), person);
      const { said } = await prepareDecision(scope, request, { person, body, now });
      if ((await passkeysOf(scope, caller.id)).length === 0) throw noPasskey();
      const data = { user: caller.id, nonce: randomNonce(), body, said };
      const code = await createCode(scope.em, decisionFlow, { org: scope.org, data, now });
      return { url: `${site.url}/approve#${code.text}`, expiresAt: code.expiresAt.toISOString() };
    },

    showDecision: async () => {
      requireRelyingParty(services);
      return decisionPage;
    },

    openDecision: async ({ body: { flow } }) => {
      const relyingParty = requireRelyingParty(services);
      const now = clock.now();
      const stored = await peekCode(systemScope(store, 'sign-in'), decisionFlow, {
        hash: hashToken(flow),
        now,
      });
      if (stored === null || stored.org === null) throw stepOver();
      const { user, said, nonce, body } = stored.data;
      return await readSnapshot(store, stored.org, async (scope) => {
        const person = await deciderNow(scope, user);
        const request = visible(await findRequest(scope, said.request), person);
        const prepared = await prepareDecision(scope, request, { person, body, now });
        refuseChanged(said, prepared.said);
        const allowed = await passkeysOf(scope, user);
        const challenge = decisionChallenge(said, nonce);
        return {
          publicKey: assertionOptions({ relyingParty, challenge, allowed }),
          decision: shown(request, prepared, body.note ?? null),
        };
      });
    },

    finishDecision: async ({ body: { flow, credential } }) => {
      const now = clock.now();
      const stored = await takeCode(systemScope(store, 'sign-in'), decisionFlow, { text: flow, now });
      if (stored === null || stored.org === null) throw stepOver();
      const { user, said, nonce, body } = stored.data;
      const asserted = await verifyAssertion(systemScope(store, 'sign-in'), {
        credential,
        challenge: decisionChallenge(said, nonce),
        nonce,
        org: asId<OrgId>(said.org),
        relyingParty: requireRelyingParty(services),
        now,
      });
      if (asserted.user.id !== user) throw notTheirs('The decision');
      return await changeOrganization(store, asserted.org, async (scope) => {
        const person = await deciderNow(scope, user);
        const request = visible(await lockRequest(scope, said.request), person);
        const prepared = await prepareDecision(scope, request, { person, body, now });
        refuseChanged(said, prepared.said);
        const touch = { passkey: asserted.passkeyId, proof: asserted.proof };
        const by = { caller: personOf(asserted), person, now, touch };
        return { state: (await decide(scope, request, { ...by, body })).state };
      });
    },
  };
}

async function decide(
  scope: Scope,
  request: AccessRequest,
  { body, ...by }: Deciding & { readonly body: DecisionBody },
): Promise<AccessRequest> {
  if (body.decision === 'deny') return await deny(scope, request, { ...by, note: body.note });
  const { decision: _, ...approval } = body;
  return await approve(scope, request, { ...by, body: approval });
}

/** Who decides, as they are now. */
async function deciderNow(scope: Scope, id: string): Promise<Decider> {
  const user = await scope.em.findOne(UserEntity, { id, disabledAt: null });
  if (user === null) throw stepOver();
  return await deciderOf(scope, { id: user.id as UserId, role: user.role });
}

function shown(
  { requester, database, reason, ticket, granted: current, asked }: AccessRequest,
  { said, granted }: PreparedDecision,
  note: string | null,
): ShownDecision {
  const terms = granted ?? current;
  const isChanged = JSON.stringify(terms) !== JSON.stringify(asked);
  return {
    decision: said.decision,
    requester: requester.email,
    database: database.name,
    reason,
    ticket,
    gives: [...termsLines(terms)],
    asked: isChanged ? [...termsLines(asked), windowText(asked)] : [],
    window: windowText(terms),
    note,
  };
}

function windowText({ minutes, startAt }: Pick<Terms, 'minutes' | 'startAt'>): string {
  const start = startAt === null ? 'once approved' : `from ${new Date(startAt).toISOString()}`;
  return `${durationText(minutes)}, ${start}`;
}
