import type { RequestView } from '@daam/shared/api/routes/requests';
import { type Decider, mayDecide } from './approvers.ts';
import type { AccessRequest, Terms } from './request-row.ts';

/** A request as one of the people who may see it sees it. */
export function showRequest(request: AccessRequest, viewer: Decider): RequestView {
  const { startsAt, endsAt, ended, review } = request;
  const mine =
    request.state === 'pending' &&
    mayDecide(viewer, { requester: request.requester.id, approvers: request.approvers }) &&
    !request.approvals.some(({ by }) => by.id === viewer.id);
  return {
    id: request.id,
    state: request.state,
    requester: request.requester,
    database: request.database,
    asked: showTerms(request.asked),
    granted: showTerms(request.granted),
    reason: request.reason,
    ticket: request.ticket,
    emergency: request.emergency,
    extends: request.extends,
    createdAt: iso(request.createdAt),
    pendingUntil: iso(request.pendingUntil),
    window: startsAt === null || endsAt === null ? null : { startsAt: iso(startsAt), endsAt: iso(endsAt) },
    approval: {
      required: request.required,
      given: request.approvals.map(({ by, at, note }) => ({ by, at: iso(at), note })),
      approvers: request.approvers,
      escalatesAt:
        request.state === 'pending' && request.escalatesAt !== null ? iso(request.escalatesAt) : null,
      mine,
    },
    ended: ended === null ? null : { ...ended, at: iso(ended.at) },
    review: showReview(request, review),
  };
}

function showReview({ emergency }: AccessRequest, review: AccessRequest['review']): RequestView['review'] {
  if (review !== null) return { ...review, at: iso(review.at) };
  return emergency ? { by: null, at: null, outcome: null, note: null } : null;
}

function showTerms({ policy, access, minutes, startAt }: Terms): RequestView['asked'] {
  return {
    policy,
    access: access === null ? null : { ...access },
    minutes,
    startAt: startAt === null ? null : iso(startAt),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
