import type { DecisionBody } from '@daam/shared/api/routes/requests';
import type { UserId } from '@daam/shared/domain/ids';
import { UserEntity } from '../db/entities/user.ts';
import { changeOrganization, readSnapshot, type Scope, systemScope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { assertionOptions, randomNonce, verifyAssertion } from '../identity/assertion.ts';
import { decisionFlow, type WaitingDecision } from '../identity/flows.ts';
import { createCode, peekCode, takeCode } from '../identity/one-time-codes.ts';
import { passkeysOf } from '../identity/passkey-store.ts';
import { requireRelyingParty } from '../identity/sign-in-commitment.ts';
import { hashToken } from '../identity/tokens.ts';
import type { Decider } from '../requests/approvers.ts';
import { approve, type Deciding, deny } from '../requests/decide.ts';
import { deciderOf, visible } from '../requests/deciders.ts';
import {
  challengeOf,
  type PreparedDecision,
  prepareDecision,
  refuseChanged,
  refuseMixed,
} from '../requests/prepare-decision.ts';
import { type AccessRequest, findRequest, lockRequest, type Terms } from '../requests/request-row.ts';
import { durationText, termsLines } from '../requests/terms-text.ts';
import type { Services } from '../services.ts';
import type { ShownDecision } from './contracts.ts';
import { decisionPage } from './decision-page.ts';
import { stepOver } from './step-over.ts';
import { noPasskey, notTheirs, personOf } from './touch.ts';

type Names = 'beginDecision' | 'beginDecisions' | 'showDecision' | 'openDecision' | 'finishDecision';

/**
 * Decisions on access requests by a touch of a passkey. A program prepares one (`beginDecision`) or several
 * (`beginDecisions`) and opens the page at the address that it gets; the page shows what is decided, and the passkey
 * signs just that. Nobody has to be signed in there: the secret behind the `#` names the decisions, and the assertion
 * must be their decider's. Several are made all or not at all.
 */
export function decisionHandlers(services: Services): Handlers<Names> {
  const { store, clock } = services;
  return {
    beginDecision: async ({ caller, scope, params, body }) =>
      await begin(services, { caller, scope, asked: [{ request: params.id, body }] }),

    beginDecisions: async ({ caller, scope, body }) =>
      await begin(services, { caller, scope, asked: body.decisions }),

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
      const { user, nonce, items } = stored.data;
      return await readSnapshot(store, stored.org, async (scope) => {
        const person = await deciderNow(scope, user);
        const decisions: ShownDecision[] = [];
        for (const { body, said } of items) {
          const request = visible(await findRequest(scope, said.request), person);
          const prepared = await prepareDecision(scope, request, { person, body, now });
          refuseChanged(said, prepared.said);
          decisions.push(shown(request, prepared, body.note ?? null));
        }
        const allowed = await passkeysOf(scope, user);
        const { challenge } = challengeOf(saidOf(items), nonce);
        return { publicKey: assertionOptions({ relyingParty, challenge, allowed }), decisions };
      });
    },

    finishDecision: async ({ body: { flow, credential } }) => {
      const now = clock.now();
      const stored = await takeCode(systemScope(store, 'sign-in'), decisionFlow, { text: flow, now });
      if (stored === null || stored.org === null) throw stepOver();
      const { user, nonce, items } = stored.data;
      const { challenge, digests } = challengeOf(saidOf(items), nonce);
      const asserted = await verifyAssertion(systemScope(store, 'sign-in'), {
        credential,
        challenge,
        nonce,
        org: stored.org,
        relyingParty: requireRelyingParty(services),
        now,
      });
      if (asserted.user.id !== user) throw notTheirs('The decision');
      return await changeOrganization(store, asserted.org, async (scope) => {
        const person = await deciderNow(scope, user);
        const { passkeyId: passkey, proof } = asserted;
        const touch = { passkey, proof, ...(digests === null ? {} : { digests }) };
        const by = { caller: personOf(asserted), person, now, touch };
        const states: string[] = [];
        for (const { body, said } of items) {
          const request = visible(await lockRequest(scope, said.request), person);
          const prepared = await prepareDecision(scope, request, { person, body, now });
          refuseChanged(said, prepared.said);
          states.push((await decide(scope, request, { ...by, body })).state);
        }
        return { states };
      });
    },
  };
}

interface Asked {
  readonly request: string;
  readonly body: DecisionBody;
}

async function begin(
  services: Services,
  {
    caller,
    scope,
    asked,
  }: { readonly caller: Person; readonly scope: Scope; readonly asked: readonly Asked[] },
): Promise<{ readonly url: string; readonly expiresAt: string }> {
  requireRelyingParty(services);
  const now = services.clock.now();
  const person = await deciderOf(scope, caller);
  const requests: AccessRequest[] = [];
  const items: WaitingDecision[] = [];
  for (const { request: id, body } of asked) {
    const request = visible(await findRequest(scope, id), person);
    const { said } = await prepareDecision(scope, request, { person, body, now });
    requests.push(request);
    items.push({
      body,
      said: {
        ...said,
        terms:
          said.terms === null
            ? null
            : { ...said.terms, access: said.terms.access === null ? null : { ...said.terms.access } },
      },
    });
  }
  refuseMixed(
    requests,
    asked.map(({ body }) => body.decision),
  );
  if ((await passkeysOf(scope, caller.id)).length === 0) throw noPasskey();
  const data = { user: caller.id, nonce: randomNonce(), items };
  const code = await createCode(scope.em, decisionFlow, { org: scope.org, data, now });
  return { url: `${services.site.url}/approve#${code.text}`, expiresAt: code.expiresAt.toISOString() };
}

function saidOf(items: readonly WaitingDecision[]) {
  return items.map(({ said }) => said);
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
