import type { AccessRequest, Terms } from '../requests/request-row.ts';
import { durationText, termsLines } from '../requests/terms-text.ts';
import { z } from 'zod';
import type { NotifiedEvent } from './notified-event.ts';
import type { MailReason } from './recipients.ts';

/** A message as it is kept until it is sent: plain texts, each one line. */
export const mailMessage = z.object({
  title: z.string(),
  facts: z.array(z.tuple([z.string(), z.string()])),
  /** What to run to see more, or to decide. */
  command: z.string().nullable(),
});
export type MailMessage = z.infer<typeof mailMessage>;

const maxLine = 200;
const maxFacts = 30;

/**
 * What a message about an event says: who, what, where and until when. What people wrote for people (reasons, notes,
 * comments, tickets) stays in DAAM, so that nobody can have DAAM send their words.
 */
export function messageAbout(
  event: NotifiedEvent,
  {
    reason,
    request,
    at,
  }: { readonly reason: MailReason; readonly request: AccessRequest | null; readonly at: number },
): MailMessage {
  const facts: (readonly [string, string])[] = [
    ...(request === null ? [['What', labelOf(event, reason)] as const] : requestFacts(request, event)),
    ['Done by', event.actor.label],
    ['At', new Date(at).toISOString()],
    ['Event', event.type],
  ];
  return {
    title: oneLine(titleOf(event, reason, request)),
    facts: facts.slice(0, maxFacts).map(([name, value]) => [name, oneLine(value)]),
    command: request === null ? null : `daam request show ${request.id}`,
  };
}

/** No line breaks or other control characters, and not endless: a subject is a header. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length <= maxLine ? line : `${line.slice(0, maxLine - 1)}…`;
}

function titleOf(event: NotifiedEvent, reason: MailReason, request: AccessRequest | null): string {
  if (reason === 'account') return accountTitles[event.type] ?? 'Your account was changed';
  if (request !== null && reason !== 'subscribed') return requestTitle(event, request);
  return `${event.type}: ${labelOf(event, reason)}`;
}

/** Devices and passkeys have names that their owners chose: those go to the owners alone, unless they are a plain word. */
function labelOf({ target: { kind, label } }: NotifiedEvent, reason: MailReason): string {
  const isChosen = kind === 'device' || kind === 'passkey';
  return isChosen && reason !== 'account' && !plainName.test(label) ? `a ${kind}` : label;
}

const accountTitles: Readonly<Record<string, string>> = {
  'user.updated': 'Your account was changed',
  'passkey.registered': 'A passkey was added to your account',
  'passkey.endorsed': 'A passkey of yours was approved',
  'passkey.revoked': 'A passkey was removed from your account',
  'device.registered': 'A new device signed in to your account',
  'device.revoked': 'A device of yours was removed',
  'api_token.created': 'A token was made for your account',
};

function requestTitle({ type, before, actor }: NotifiedEvent, request: AccessRequest): string {
  const { requester, database } = request;
  const titles: Readonly<Record<string, string>> = {
    'request.created': `${requester.email} asks for access to ${database.name}`,
    'request.break_glass': `Emergency: ${requester.email} opened access to ${database.name}`,
    'request.escalated': `${requester.email} still waits for access to ${database.name}`,
    'request.approval_given': `${actor.label} approved your request for ${database.name}; it needs more approvals`,
    'request.approved': `Your request for ${database.name} was approved`,
    'request.activated': `Your access to ${database.name} is open`,
    'request.expired':
      before?.['state'] === 'pending'
        ? `Nobody decided on your request for ${database.name}`
        : `Your access to ${database.name} has ended`,
    'request.denied': `Your request for ${database.name} was denied`,
    'request.revoked': `Your request for ${database.name} was ended`,
    'request.commented': `There is a comment on the request of ${requester.email} for ${database.name}`,
    'request.reviewed': `Your emergency access to ${database.name} was reviewed`,
  };
  return titles[type] ?? `${type}: ${requester.email} on ${database.name}`;
}

/** Names as PostgreSQL writes them without quotes, with their schemas: too little for a sentence or an address of a page. */
const plainName = /^(?:[a-z_*][a-z0-9_*]{0,62}\.){0,2}[a-z_*][a-z0-9_*]{0,62}$/i;

/**
 * What terms give, as far as mail says it. Whoever asks chooses the names, so names that need quotes stay in DAAM, and are
 * counted.
 */
function plainTermsLines({ policy, access }: Pick<Terms, 'policy' | 'access'>): readonly string[] {
  if (access === null) return termsLines({ policy, access });
  const isPlain = (...names: readonly string[]): boolean => names.every((name) => plainName.test(name));
  const tables = access.tables.filter(({ table, columns = [] }) => isPlain(table, ...columns));
  const unmask = access.unmask.filter(({ column }) => isPlain(column));
  const masks = access.masks.filter(({ column }) => isPlain(column));
  const total = access.tables.length + access.unmask.length + access.masks.length;
  const left = total - tables.length - unmask.length - masks.length;
  const lines = termsLines({ policy, access: { ...access, tables, unmask, masks } });
  if (left === 0) return lines;
  return [...lines.slice(0, 19), `${left} more, with names that are not sent by mail`];
}

function requestFacts(
  { requester, database, granted, startsAt, endsAt, emergency }: AccessRequest,
  { after }: NotifiedEvent,
): readonly (readonly [string, string])[] {
  const { state } = after ?? {};
  return [
    ['Who', requester.email],
    ['Database', database.name],
    ...plainTermsLines(granted)
      .slice(0, 20)
      .map((line) => ['Access', line] as const),
    ['For', durationText(granted.minutes)],
    ...(startsAt === null || endsAt === null
      ? []
      : [['Window', `${new Date(startsAt).toISOString()} to ${new Date(endsAt).toISOString()}`] as const]),
    ...(typeof state === 'string' ? [['State', state] as const] : []),
    ...(emergency ? [['Emergency', 'yes: it is to be reviewed'] as const] : []),
  ];
}
