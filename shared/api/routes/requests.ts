import { z } from 'zod';
import { maxDecisions } from '../max-decisions.ts';
import { route } from '../route.ts';
import { databaseRef, id, label, pageOf, pageQuery, timestamp } from '../schemas.ts';
import { environment } from './databases.ts';

/**
 * Access requests: somebody asks for a policy or for tables, columns and mask levels for a while; others approve; a
 * window opens and closes by itself. What an ad-hoc request may ask for: shared/policy/temporary-access.ts.
 */

const tag = 'requests';
const byId = z.strictObject({ id });

/** The longest window and the longest wait for an answer: 30 days, in minutes. */
const maxMinutes = 43_200;

export const requestState = z.enum(['pending', 'approved', 'active', 'expired', 'denied', 'revoked']);
export type RequestState = z.infer<typeof requestState>;

const minutes = z.number().int().min(1).max(maxMinutes);

/** Text for people, on several lines if they like: no other control characters. */
function prose(min: number, max: number) {
  return z
    .string()
    .trim()
    .min(min)
    .max(max)
    .regex(/^(?:[^\p{Cc}]|[\n\t])*$/u, 'no control characters');
}

const reason = prose(10, 2_000);
const note = prose(1, 2_000);

/** What temporary-access.ts checks, with the path of what is wrong. */
const accessDocument = z.record(z.string(), z.unknown()).meta({
  description:
    'Ad-hoc access: { tables: [{ table, operations, columns }], masks: [{ column, preset, … }], unmask: [{ column, to }] }',
});

const operation = z.enum(['select', 'insert', 'update', 'delete']);
const person = z.object({ id, email: z.string() });

/** What is asked for, or given: a policy or a document, for so long. `startAt` null: as soon as it is approved. */
const terms = z.object({
  policy: z.object({ id, name: z.string() }).nullable(),
  access: accessDocument.nullable(),
  minutes: z.number().int(),
  startAt: timestamp.nullable(),
});

/** Who may approve: any of these people, members of these groups, and administrators if `admins`. */
const approvers = z.strictObject({
  users: z.array(id).max(100).default([]),
  groups: z.array(id).max(100).default([]),
  admins: z.boolean().default(true),
});

export const requestView = z.object({
  id,
  state: requestState,
  requester: person,
  database: z.object({ id, name: z.string() }),
  asked: terms,
  /** What an approval gives as it stands now; differs from `asked` where an approver changed it. */
  granted: terms,
  reason: z.string(),
  ticket: z.string().nullable(),
  /** Approved by the requester for an emergency; `review` is then due. */
  emergency: z.boolean(),
  /** The request whose window this one goes on from. */
  extends: id.nullable().default(null),
  createdAt: timestamp,
  /** When it lapses if nobody decides. */
  pendingUntil: timestamp,
  /** The window; null before the approval. */
  window: z.object({ startsAt: timestamp, endsAt: timestamp }).nullable(),
  approval: z.object({
    required: z.number().int(),
    given: z.array(z.object({ by: person, at: timestamp, note: z.string().nullable() })),
    approvers,
    /** When others may approve as well, if nobody has decided by then; null: never, or they may already. */
    escalatesAt: timestamp.nullable().default(null),
    /** Whether the caller may approve or deny it now. */
    mine: z.boolean(),
  }),
  /** Who ended it, by denying or revoking; `by` null: the control plane, because database or person were removed. */
  ended: z.object({ by: person.nullable(), at: timestamp, note: z.string().nullable() }).nullable(),
  review: z
    .object({
      by: person.nullable(),
      at: timestamp.nullable(),
      outcome: z.enum(['justified', 'unjustified']).nullable(),
      note: z.string().nullable(),
    })
    .nullable(),
});
export type RequestView = z.infer<typeof requestView>;

const comment = z.object({ id, by: person, at: timestamp, text: z.string() });

/** Who approves which requests. What is null holds for every request. */
export const requestRule = z.strictObject({
  database: id.nullable().default(null),
  environment: environment.nullable().default(null),
  /** Only requests without a policy that ask for no more than this document gives; doubt counts as more. */
  within: accessDocument.nullable().default(null),
  /** Only requests for at most so long. */
  maxMinutes: minutes.nullable().default(null),
  approvers,
  required: z.number().int().min(1).max(10).default(1),
  /** Nobody has to approve: such a request opens by itself. Needs `within`, without unmasking, and `maxMinutes`. */
  automatic: z.boolean().default(false),
  /** Who may approve as well when nobody decided for so long. */
  escalation: z.strictObject({ minutes, approvers }).nullable().default(null),
});
export type RequestRule = z.infer<typeof requestRule>;

/** How an organization handles requests. */
export const requestSettings = z.strictObject({
  /** Databases that people without access to them may ask for; other names are unknown to them. */
  discoverable: z.union([z.literal('all'), z.array(id).max(1_000)]).default([]),
  maxMinutes: minutes.default(480),
  pendingMinutes: minutes.default(1_440),
  /** Opening in an emergency and changing these settings need a passkey's touch of the last minutes; `auto`: of whoever has a passkey. */
  freshSignIn: z
    .strictObject({
      required: z.enum(['auto', 'always', 'never']).default('auto'),
      minutes: z.number().int().min(1).max(720).default(15),
    })
    .prefault({}),
  /**
   * What approving and denying need of those whom `freshSignIn` is about: a touch of the passkey over that very decision
   * (`beginDecision`), or else a sign-in of the last minutes as well (for approving alone).
   */
  decisions: z.enum(['touch', 'fresh-sign-in']).default('touch'),
  /** Break-glass: whoever is in these groups (with `anyone`, everybody) may approve their own request in an emergency. */
  emergency: z
    .strictObject({
      enabled: z.boolean().default(false),
      anyone: z.boolean().default(false),
      groups: z.array(id).max(100).default([]),
      maxMinutes: minutes.default(60),
    })
    .prefault({}),
  /** The first rule that fits the request holds; without one, one administrator approves. */
  rules: z.array(requestRule).max(500).default([]),
});
export type RequestSettings = z.infer<typeof requestSettings>;
export type RequestApprovers = z.infer<typeof approvers>;

/** An approval; terms that are not given stay as they are asked for. */
const approval = z.strictObject({
  note: note.optional(),
  policy: z.string().min(1).max(63).optional(),
  access: accessDocument.optional(),
  minutes: minutes.optional(),
  startAt: timestamp.nullable().optional(),
});

/** As the bodies of approving and denying. */
export const decisionBody = z.discriminatedUnion('decision', [
  approval.extend({ decision: z.literal('approve') }),
  z.strictObject({ decision: z.literal('deny'), note }),
]);
export type DecisionBody = z.output<typeof decisionBody>;

/**
 * A decision that waits for its touch. `url` goes to the system's browser, whole: what is behind its `#` is a secret of
 * the caller. The request then changes by itself: look at it until it has, or until `expiresAt`.
 */
const preparedDecision = z.object({ url: z.url({ protocol: /^https?$/ }), expiresAt: timestamp });

/** People, as many as a screen shows, and how many there are. */
const people = z.object({ people: z.array(person), total: z.number().int() });

/** Who may approve a request, and how many have to. */
const whoApproves = people.extend({
  /** Nobody has to: it opens by itself. */
  automatic: z.boolean(),
  required: z.number().int(),
  /** Who may as well, and after how many minutes without a decision. */
  escalation: people.extend({ minutes: z.number().int() }).nullable(),
});
export type WhoApproves = z.infer<typeof whoApproves>;

const requestPreview = z.object({
  approval: whoApproves,
  /** What the last decisions on this database took, in the middle; null: too few to tell. */
  usual: z.object({ minutes: z.number(), of: z.number().int() }).nullable(),
  /** When it lapses without a decision. */
  pendingMinutes: z.number().int(),
  /** Less than this, for which nobody has to approve. */
  alternatives: z.array(z.object({ access: accessDocument, minutes: z.number().int() })),
});
export type RequestPreview = z.infer<typeof requestPreview>;

/** How a column reads for somebody: as it is, by a preset, hidden, or not at all. */
const reading = z.object({
  state: z.enum(['none', 'hidden', 'masked', 'clear']),
  preset: z.string().nullable(),
});

/** Which rule sent a request to its approvers, and what of the request made it fit; as it was when it was asked. */
export const requestRouting = z.object({
  /** Its place among the rules, from 1; null: none fitted, so one administrator approves. */
  rule: z.number().int().nullable(),
  /** It is for this database alone, or for those of this environment. */
  database: z.boolean(),
  environment: environment.nullable(),
  /** It is for requests that ask for no more than certain tables, or for at most so long. */
  tables: z.boolean(),
  maxMinutes: minutes.nullable(),
  /** Approvals that it takes; 0: none. */
  required: z.number().int(),
  /** More time is somebody's decision, though the rule would have opened it by itself. */
  moreTime: z.boolean(),
});
export type RequestRouting = z.infer<typeof requestRouting>;

const requestContext = z.object({
  requester: z.object({
    groups: z.array(z.string()),
    devices: z.array(z.string()),
    lastSignInAt: timestamp.nullable(),
  }),
  /** What the requester could do more or less with it than without; null: not known to the caller. */
  difference: z
    .object({
      tables: z.array(
        z.object({
          schema: z.string(),
          table: z.string(),
          gained: z.array(operation),
          lost: z.array(operation),
          isFilterChanged: z.boolean(),
          columns: z.array(
            z.object({
              columns: z.array(z.string()),
              before: reading,
              after: reading,
              effect: z.enum(['gain', 'loss', 'other']),
            }),
          ),
        }),
      ),
      /** Tables beyond these. */
      more: z.number().int(),
      /** False: made from names in policies, no agent has said which tables there are. */
      isReported: z.boolean(),
    })
    .nullable(),
  /** The statement that came with it, and where it names columns that are masked for its author. */
  statement: z
    .object({
      text: z.string(),
      marks: z.array(
        z.object({
          from: z.number().int(),
          to: z.number().int(),
          column: z.string(),
          preset: z.string().nullable(),
          isCleared: z.boolean(),
        }),
      ),
    })
    .nullable(),
  similar: z.array(requestView),
  /** Null: not for the caller, or asked before this was kept. Absent from an older control plane. */
  routing: requestRouting.nullable().optional(),
});
export type RequestContext = z.infer<typeof requestContext>;

function isOneOf({ policy, access }: { readonly policy?: unknown; readonly access?: unknown }): boolean {
  return (policy === undefined) !== (access === undefined);
}

/** What is asked for, and for how long: a policy or a document of its own. */
const asked = {
  database: databaseRef,
  /** Name of a policy of the database. */
  policy: z.string().min(1).max(63).optional(),
  access: accessDocument.optional(),
  minutes: minutes.default(60),
};

export const requestRoutes = {
  createRequest: route({
    method: 'POST',
    path: '/api/v1/requests',
    summary: 'Ask for a policy, or for tables, columns and mask levels, for a while.',
    tag,
    body: z
      .strictObject({
        ...asked,
        startAt: timestamp.optional(),
        reason,
        ticket: label.optional(),
        /** Break-glass: open at once, on my own word, if the organization allows it. It is reviewed afterwards. */
        emergency: z.boolean().default(false),
      })
      .refine(isOneOf, { path: ['access'], message: 'give either policy or access' }),
    status: 201,
    response: requestView,
  }),
  previewRequest: route({
    method: 'POST',
    path: '/api/v1/requests/preview',
    summary: 'Who could approve such a request, how long that usually takes, and what would need nobody.',
    tag,
    body: z
      .strictObject(asked)
      .refine(isOneOf, { path: ['access'], message: 'give either policy or access' }),
    status: 200,
    response: requestPreview,
  }),
  extendRequest: route({
    method: 'POST',
    path: '/api/v1/requests/:id/extend',
    summary: 'Ask for the same as I have now, from the end of its window on.',
    tag,
    params: byId,
    body: z.strictObject({ minutes, reason }),
    status: 201,
    response: requestView,
  }),
  listRequests: route({
    method: 'GET',
    path: '/api/v1/requests',
    summary: 'Requests, newest first: mine, those that wait for me, or (auditors, administrators) all.',
    tag,
    query: pageQuery.extend({
      scope: z.enum(['mine', 'inbox', 'all']).default('mine'),
      state: requestState.optional(),
      /** Emergencies that nobody has reviewed yet. */
      review: z.enum(['due']).optional(),
    }),
    status: 200,
    response: pageOf(requestView),
  }),
  getRequest: route({
    method: 'GET',
    path: '/api/v1/requests/:id',
    summary: 'One request with its comments: for its requester, its approvers, auditors and administrators.',
    tag,
    params: byId,
    status: 200,
    response: requestView.extend({ comments: z.array(comment) }),
  }),
  getRequestContext: route({
    method: 'GET',
    path: '/api/v1/requests/:id/context',
    summary: 'What a decision needs besides: who asks, what would change for them, what was asked before.',
    tag,
    params: byId,
    status: 200,
    response: requestContext,
  }),
  approveRequest: route({
    method: 'POST',
    path: '/api/v1/requests/:id/approve',
    summary: 'Approve, as asked or with other terms: narrower ones, or as administrator any.',
    tag,
    params: byId,
    body: approval,
    status: 200,
    response: requestView,
  }),
  beginDecision: route({
    method: 'POST',
    path: '/api/v1/requests/:id/decision',
    summary:
      'Prepare a decision that the caller’s passkey signs: the answer’s page shows it and asks for the touch, which decides.',
    tag,
    params: byId,
    body: decisionBody,
    status: 201,
    response: preparedDecision,
  }),
  beginDecisions: route({
    method: 'POST',
    path: '/api/v1/requests/decisions',
    summary:
      'The same for several requests of one person for one database, all approved or all denied: one touch signs each of them.',
    tag,
    body: z.strictObject({
      decisions: z
        .array(z.strictObject({ request: id, body: decisionBody }))
        .min(2)
        .max(maxDecisions),
    }),
    status: 201,
    response: preparedDecision,
  }),
  denyRequest: route({
    method: 'POST',
    path: '/api/v1/requests/:id/deny',
    summary: 'Deny a request that waits.',
    tag,
    params: byId,
    body: z.strictObject({ note }),
    status: 200,
    response: requestView,
  }),
  revokeRequest: route({
    method: 'POST',
    path: '/api/v1/requests/:id/revoke',
    summary: 'End it early: my own at any time, as approver or administrator anyone’s.',
    tag,
    params: byId,
    body: z.strictObject({ note: note.optional() }),
    status: 200,
    response: requestView,
  }),
  commentOnRequest: route({
    method: 'POST',
    path: '/api/v1/requests/:id/comments',
    summary: 'Say something about a request.',
    tag,
    params: byId,
    body: z.strictObject({ text: note }),
    status: 201,
    response: comment,
  }),
  reviewRequest: route({
    method: 'POST',
    path: '/api/v1/requests/:id/review',
    summary: 'Review an emergency afterwards: by an approver who is not its requester.',
    tag,
    params: byId,
    body: z.strictObject({ outcome: z.enum(['justified', 'unjustified']), note }),
    status: 200,
    response: requestView,
  }),
  getRequestSettings: route({
    method: 'GET',
    path: '/api/v1/organization/request-settings',
    summary: 'How requests are approved, how long they may last, and whether emergencies are allowed.',
    tag,
    status: 200,
    response: requestSettings,
  }),
  checkRequestRules: route({
    method: 'POST',
    path: '/api/v1/organization/request-settings/check',
    summary: 'Who would approve such a request under these rules, which need not be in force.',
    tag,
    body: z
      .strictObject({
        rules: requestSettings.shape.rules,
        database: databaseRef,
        /** Whose request it would be: nobody approves their own. */
        requester: id.optional(),
        policy: z.string().min(1).max(63).optional(),
        access: accessDocument.optional(),
        minutes: minutes.default(60),
      })
      .refine(isOneOf, { path: ['access'], message: 'give either policy or access' }),
    status: 200,
    response: whoApproves.extend({
      /** Which of the rules holds, from 0; null: none, so one administrator approves. */
      rule: z.number().int().nullable(),
    }),
  }),
  putRequestSettings: route({
    method: 'PUT',
    path: '/api/v1/organization/request-settings',
    summary: 'Change it. Requests that wait keep the rule that they were made under.',
    tag,
    body: requestSettings,
    status: 200,
    response: requestSettings,
  }),
} as const;
