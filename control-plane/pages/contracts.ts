import type { RouteContract } from '@daam/shared/api/route';
import { route } from '@daam/shared/api/route';
import { authorizePath, authorizeQuery, devicePagePath } from '@daam/shared/api/routes/auth';
import { id, label } from '@daam/shared/api/schemas';
import { z } from 'zod';
import { assertionJson, registrationJson } from '../identity/credential-json.ts';

/**
 * The control plane's own pages, and what their script (pages.js) calls. They are for a browser at this origin alone, so
 * they are no part of the API's contract.
 */

const tag = 'pages';

/** A step that was begun: its name for the step after. */
const flow = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** For `PublicKeyCredential.parseCreationOptionsFromJSON` and its sibling. */
const publicKey = z.record(z.string(), z.unknown());

const begun = z.object({ flow, publicKey });
const asserted = z.strictObject({ flow, credential: assertionJson });
const empty = z.strictObject({});

/** `BCDF-GHJK` with or without the hyphen, in any case. */
const userCode = z
  .string()
  .max(20)
  .transform((text) => text.toUpperCase().replaceAll(/[^A-Z]/g, ''))
  .pipe(z.string().regex(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/, 'eight letters'));

const organization = z.string().trim().max(120).optional();

/** A decision as the page shows it: texts, a line each. */
const shownDecision = z.object({
  decision: z.enum(['approve', 'deny']),
  requester: z.string(),
  database: z.string(),
  reason: z.string(),
  ticket: z.string().nullable(),
  /** Of an approval. */
  gives: z.array(z.string()),
  asked: z.array(z.string()),
  window: z.string().nullable(),
  note: z.string().nullable(),
});
export type ShownDecision = z.infer<typeof shownDecision>;

/** A publication of policies as the page shows it: texts, a line each. */
const shownPublication = z.object({
  database: z.string(),
  base: z.string(),
  changes: z.array(z.string()),
  comment: z.string().nullable(),
  proposedBy: z.string().nullable(),
});
export type ShownPublication = z.infer<typeof shownPublication>;

function page<const Path extends `/${string}`>(path: Path, summary: string, query?: z.ZodObject) {
  return route({
    method: 'GET',
    path,
    summary,
    tag,
    ...(query === undefined ? {} : { query }),
    status: 200,
    response: z.string(),
    mediaType: 'text/html',
  });
}

function step<Body extends z.ZodType, Answer extends z.ZodType>(path: string, body: Body, response: Answer) {
  return { method: 'POST', path, summary: 'A step of a page.', tag, body, status: 200, response } as const;
}

export const pageRoutes = {
  getPagesStyle: route({
    method: 'GET',
    path: '/assets/pages.css',
    summary: 'Style of the pages.',
    tag,
    status: 200,
    response: z.string(),
    mediaType: 'text/css',
  }),
  getPagesScript: route({
    method: 'GET',
    path: '/assets/pages.js',
    summary: 'Script of the pages.',
    tag,
    status: 200,
    response: z.string(),
    mediaType: 'text/javascript',
  }),
  showAuthorize: { ...page(authorizePath, 'Sign in to the desktop app.'), query: authorizeQuery },
  beginAuthorize: step('/auth/authorize/begin', authorizeQuery, begun),
  finishAuthorize: step('/auth/authorize/finish', asserted, z.object({ redirect: z.url() })),
  beginSignIn: step('/auth/session/begin', empty, begun),
  finishSignIn: step('/auth/session/finish', asserted, z.object({ email: z.string() })),
  endSession: step('/auth/session/end', empty, z.object({})),
  showDevice: {
    ...page(devicePagePath, 'Sign in a device by its code.'),
    query: z.strictObject({ user_code: z.string().max(20).optional() }),
  },
  beginDevice: step(
    '/device/begin',
    z.strictObject({ user_code: userCode, org: organization }),
    begun.extend({ device: z.object({ name: z.string(), os: z.string(), fingerprint: z.string() }) }),
  ),
  finishDevice: step('/device/finish', asserted, z.object({ email: z.string() })),
  refuseDevice: step('/device/refuse', z.strictObject({ flow }), z.object({})),
  showEnroll: page('/enroll', 'Make a first passkey, by invitation.'),
  beginEnroll: step(
    '/enroll/begin',
    z.strictObject({ invitation: flow }),
    begun.extend({ email: z.string(), org: z.string() }),
  ),
  finishEnroll: step(
    '/enroll/finish',
    z.strictObject({ flow, credential: registrationJson, name: label }),
    z.object({ fingerprint: z.string(), isFirst: z.boolean() }),
  ),
  showSignUp: page('/sign-up', 'Make an organization, where that is allowed.'),
  showOpen: page('/open', 'A link to a screen: in the app, or in the browser.'),
  showAccount: page('/account', 'My passkeys and devices.'),
  beginPasskey: step('/account/passkeys/begin', empty, begun),
  endorsePasskey: step(
    '/account/passkeys/endorse',
    z.strictObject({ flow, credential: registrationJson, name: label }),
    begun.extend({ fingerprint: z.string() }),
  ),
  finishPasskey: step('/account/passkeys/finish', asserted, z.object({ fingerprint: z.string() })),
  removePasskey: step('/account/passkeys/remove', z.strictObject({ passkey: id }), z.object({})),
  renameOwnDevice: step('/account/devices/rename', z.strictObject({ device: id, name: label }), z.object({})),
  removeOwnDevice: step('/account/devices/remove', z.strictObject({ device: id }), z.object({})),
  showDecision: page('/approve', 'Approve or deny an access request with a passkey.'),
  openDecision: step(
    '/approve/begin',
    z.strictObject({ flow }),
    z.object({ publicKey, decisions: z.array(shownDecision) }),
  ),
  finishDecision: step('/approve/finish', asserted, z.object({ states: z.array(z.string()) })),
  showPublication: page('/publish', 'Put policies in force with a passkey.'),
  openPublication: step(
    '/publish/begin',
    z.strictObject({ flow }),
    z.object({ publicKey, publication: shownPublication }),
  ),
  finishPublication: step('/publish/finish', asserted, z.object({ epoch: z.int(), revision: z.int() })),
  showApprovals: page('/admin/passkeys', 'Passkeys that wait for an administrator’s word.'),
  beginApproval: step('/admin/passkeys/begin', z.strictObject({ passkey: id }), begun),
  finishApproval: step('/admin/passkeys/finish', asserted, z.object({ fingerprint: z.string() })),
} as const satisfies Record<string, RouteContract>;
