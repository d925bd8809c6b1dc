/**
 * Which passkeys this agent trusts, as a computation. The control plane tells of passkeys in its bundles; the agent pins the
 * first ones of a person, and from then on only those that a pinned passkey endorses or an operator approves. What is
 * pinned stays pinned, so that nobody can take a person back to the state in which anything is believed.
 */
import { checkEndorsement } from '@daam/shared/identity/passkey-endorsement';
import {
  passkeyFingerprint,
  type PinnedPasskey,
  pinnedPasskeySchema,
  type RelyingParty,
} from '@daam/shared/identity/passkey-proof';
import type { SubjectPasskey } from '@daam/shared/policy/bundle';
import { z } from 'zod';
import type { Told, ToldPerson } from './told.ts';

/** People and passkeys of one agent; more than an organization that this agent can serve. */
export const maxPeople = 20_000;
export const maxPasskeysOfPerson = 20;

const id = z.string().min(1).max(100);
const email = z.string().min(1).max(254);
const since = z.string().max(40);

const pinned = z.strictObject({
  passkey: pinnedPasskeySchema,
  since,
  by: z.enum(['first', 'endorsed', 'operator']),
  endorser: id.nullable(),
});
const waiting = z.strictObject({ passkey: pinnedPasskeySchema, since });
const person = z.strictObject({
  user: id,
  email,
  /** May endorse for others, as long as the bundle says so too. */
  isAdmin: z.boolean(),
  pinned: z.array(pinned).max(maxPasskeysOfPerson),
  waiting: z.array(waiting).max(maxPasskeysOfPerson),
});

export const pinsSchema = z.strictObject({
  version: z.literal(1),
  org: id,
  relyingParty: z
    .strictObject({ id: z.string().max(253), origins: z.array(z.string().max(300)).max(10) })
    .nullable(),
  people: z.array(person).max(maxPeople),
});
export type Pins = z.infer<typeof pinsSchema>;
export type PinnedPerson = Pins['people'][number];

/** An operator's word on the agent's machine. */
export interface Approval {
  /** Whose passkey it is: the same one under another person is not what the operator saw. */
  readonly user: string;
  readonly fingerprint: string;
  /** The person becomes an administrator here too. */
  readonly asAdmin: boolean;
}

export interface PinChange {
  readonly kind: 'pinned' | 'waiting';
  readonly user: string;
  readonly email: string;
  readonly fingerprint: string;
  /** Null for `waiting`. */
  readonly by: 'first' | 'endorsed' | 'operator' | null;
  readonly endorser: string | null;
  readonly isAdmin: boolean;
}

export interface Reconciled {
  readonly pins: Pins;
  readonly changes: readonly PinChange[];
}

export interface ReconcileOptions {
  /** What was pinned; null: nothing ever. */
  readonly before: Pins | null;
  readonly told: Told;
  readonly newUsers: 'pin' | 'approve';
  readonly approvals: readonly Approval[];
  /** ISO 8601 in UTC. */
  readonly now: string;
}

/** The pins after a bundle, and what has changed. Nothing that was pinned is ever lost. */
export function reconcile(options: ReconcileOptions): Reconciled {
  const { before, told } = options;
  const people = new Map((before?.people ?? []).map((one) => [one.user, structuredClone(one)]));
  const round: Round = {
    ...options,
    people,
    standing: new Map(told.people.map((one) => [one.user, one])),
    owners: new Map(
      [...people.values()].flatMap(({ user, pinned }) =>
        pinned.map((each) => [each.passkey.credentialId, user]),
      ),
    ),
    hadAdmin: [...people.values()].some(({ isAdmin }) => isAdmin),
    changes: [],
    relyingParty: before?.relyingParty ?? told.relyingParty,
  };
  for (const one of told.people) meet(round, one);
  // An endorsed passkey may endorse the next one, of a person that was looked at before.
  let count: number;
  do {
    count = round.changes.length;
    for (const one of told.people) for (const each of one.passkeys) endorse(round, one, each);
  } while (round.changes.length > count);
  for (const one of told.people) for (const each of one.passkeys) leaveWaiting(round, one, each);
  const pins: Pins = {
    version: 1,
    org: told.org,
    relyingParty:
      round.relyingParty === null
        ? null
        : { id: round.relyingParty.id, origins: [...round.relyingParty.origins] },
    people: [...people.values()],
  };
  return { pins, changes: round.changes };
}

interface Round extends ReconcileOptions {
  readonly people: Map<string, PinnedPerson>;
  /** The bundle's people by id. */
  readonly standing: ReadonlyMap<string, ToldPerson>;
  /** Whose a pinned credential is. */
  readonly owners: Map<string, string>;
  readonly hadAdmin: boolean;
  readonly changes: PinChange[];
  readonly relyingParty: RelyingParty | null;
}

/** What can be decided by the person alone: first passkeys, and an operator's word. */
function meet(round: Round, told: ToldPerson): void {
  if (told.passkeys.length === 0) return;
  const known = round.people.get(told.user);
  if (known === undefined && round.people.size >= maxPeople) return;
  const one = known ?? { user: told.user, email: told.email, isAdmin: false, pinned: [], waiting: [] };
  one.email = told.email;
  round.people.set(told.user, one);
  const isFirst = one.pinned.length === 0 && one.waiting.length === 0 && round.newUsers === 'pin';
  const approved = told.passkeys.filter((each) => approvalOf(round, one, each) !== null);
  const isTrusted = isFirst || one.pinned.length > 0 || approved.length > 0;
  const wasAdmin = one.isAdmin;
  // Who may make administrators could make one to speak for everybody else: only the first are believed.
  if (told.isAdmin && !round.hadAdmin && isTrusted && round.newUsers === 'pin') one.isAdmin = true;
  const isOwn = (each: PinnedPasskey): boolean =>
    (round.owners.get(each.credentialId) ?? one.user) === one.user;
  if (approved.some((each) => isOwn(each) && approvalOf(round, one, each)?.asAdmin === true))
    one.isAdmin = true;
  for (const each of told.passkeys) {
    const by = approved.includes(each) ? 'operator' : isFirst ? 'first' : null;
    if (by !== null && has(one.pinned, each) && one.isAdmin && !wasAdmin)
      tell(round, one, { passkey: each, by });
    if (by !== null) pin(round, one, { passkey: each, by });
  }
}

function approvalOf({ approvals }: Round, { user }: PinnedPerson, passkey: PinnedPasskey): Approval | null {
  const print = passkeyFingerprint(passkey);
  return approvals.find((each) => each.user === user && each.fingerprint === print) ?? null;
}

function endorse(round: Round, told: ToldPerson, each: SubjectPasskey): void {
  const one = round.people.get(told.user);
  const { relyingParty } = round;
  if (one === undefined || each.endorsement === null || relyingParty === null || has(one.pinned, each))
    return;
  const { by, proof } = each.endorsement;
  const endorser = round.people.get(by);
  const standing = round.standing.get(by);
  if (endorser === undefined || standing === undefined) return;
  if (by !== told.user && !(endorser.isAdmin && standing.isAdmin)) return;
  const fault = checkEndorsement({
    endorsed: { org: round.told.org, user: told.user, passkey: bare(each) },
    proof,
    pinned: endorser.pinned.map(({ passkey }) => passkey).filter((key) => has(standing.passkeys, key)),
    relyingParty,
  });
  if (fault === null) pin(round, one, { passkey: each, by: 'endorsed', endorser: by });
}

interface Pinning {
  readonly passkey: PinnedPasskey;
  readonly by: 'first' | 'endorsed' | 'operator';
  readonly endorser?: string;
}

function pin(round: Round, one: PinnedPerson, pinning: Pinning): void {
  const { passkey, by, endorser = null } = pinning;
  if (has(one.pinned, passkey) || one.pinned.length >= maxPasskeysOfPerson) return;
  // A credential belongs to one person; that of another may not come to speak for this one.
  const owner = round.owners.get(passkey.credentialId);
  if (owner !== undefined && owner !== one.user) return;
  round.owners.set(passkey.credentialId, one.user);
  one.pinned.push({ passkey: bare(passkey), since: round.now, by, endorser });
  one.waiting = one.waiting.filter((each) => !isSame(each.passkey, passkey));
  tell(round, one, pinning);
}

function tell(round: Round, { user, email, isAdmin }: PinnedPerson, pinning: Pinning): void {
  const { passkey, by, endorser = null } = pinning;
  const fingerprint = passkeyFingerprint(passkey);
  round.changes.push({ kind: 'pinned', user, email, fingerprint, by, endorser, isAdmin });
}

function leaveWaiting(round: Round, told: ToldPerson, each: SubjectPasskey): void {
  const one = round.people.get(told.user);
  if (one === undefined || has(one.pinned, each)) return;
  // Only what the control plane still tells of can be approved.
  one.waiting = one.waiting.filter(({ passkey }) => has(told.passkeys, passkey));
  if (has(one.waiting, each) || one.waiting.length >= maxPasskeysOfPerson) return;
  one.waiting.push({ passkey: bare(each), since: round.now });
  const { user, email } = one;
  const fingerprint = passkeyFingerprint(each);
  round.changes.push({ kind: 'waiting', user, email, fingerprint, by: null, endorser: null, isAdmin: false });
}

function has(
  list: readonly (PinnedPasskey | { readonly passkey: PinnedPasskey })[],
  passkey: PinnedPasskey,
): boolean {
  return list.some((each) => isSame('passkey' in each ? each.passkey : each, passkey));
}

/** Same credential, same key, same algorithm. */
export function isSame(a: PinnedPasskey, b: PinnedPasskey): boolean {
  return a.credentialId === b.credentialId && a.publicKey === b.publicKey && a.algorithm === b.algorithm;
}

function bare({ credentialId, publicKey, algorithm }: PinnedPasskey): PinnedPasskey {
  return { credentialId, publicKey, algorithm };
}
