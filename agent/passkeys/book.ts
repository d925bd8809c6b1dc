/**
 * The passkeys that this agent trusts, with their file. Bundles and operators' approvals go through pins.ts; whoever shows a
 * certificate is measured by what is pinned here. A file that is damaged, or that cannot be written, refuses everybody
 * who would need a proof: it is never taken for an empty one.
 */
import type { KeyObject } from 'node:crypto';
import type { PasskeyStanding } from '@daam/shared/api/feed';
import type { Clock } from '@daam/shared/base/clock';
import type { DeviceCertificate } from '@daam/shared/identity/claims';
import { checkPasskeyProof, type PinnedPasskey } from '@daam/shared/identity/passkey-proof';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import type { PasskeyFault } from '../tunnel/accept.ts';
import { readPins, takeApprovals, writePins } from './files.ts';
import { type Approval, isSame, type PinChange, type Pins, reconcile } from './pins.ts';
import { standingsOf } from './standings.ts';
import { type Told, toldOf } from './told.ts';
import { noProof, type PasskeyTrouble, troubled, waitsForWord } from './words.ts';

/** How often an operator's approvals are looked for, and a write that failed is tried again. Milliseconds. */
const lookEveryMs = 1_000;

export interface PasskeyBookOptions {
  readonly path: string;
  /** Files are sealed under a key of it. */
  readonly agentKey: KeyObject;
  readonly requireProof: 'auto' | 'always' | 'never';
  readonly newUsers: 'pin' | 'approve';
  readonly clock: Clock;
  readonly onChange: (change: PinChange) => void;
  /** What is pinned and what waits has changed. */
  readonly onStandings: (standings: readonly PasskeyStanding[]) => void;
  /** Somebody must look. */
  readonly onAlarm: (rule: PasskeyAlarm) => void;
}

export type PasskeyAlarm = PasskeyTrouble | 'passkey-relying-party-changed';

export class PasskeyBook implements AsyncDisposable {
  readonly #options: PasskeyBookOptions;
  #pins: Pins | null = null;
  #told: Told | null = null;
  /** What the bundle in force says of each person: the passkeys that still count. */
  #current: ReadonlyMap<string, readonly PinnedPasskey[]> = new Map();
  #isEveryonePinned = false;
  #trouble: PasskeyTrouble | null = null;
  #isPartyTold = false;
  #saving: Promise<void> = Promise.resolve();
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  private constructor(options: PasskeyBookOptions) {
    this.#options = options;
  }

  /** Reads the file. Never fails: a damaged one is an alarm, and `fault` says so to whoever needs it. */
  static async open(options: PasskeyBookOptions): Promise<PasskeyBook> {
    const book = new PasskeyBook(options);
    try {
      book.#pins = await readPins(options.path, options.agentKey);
    } catch {
      book.#troubled('passkey-pins-damaged');
    }
    book.#timer = setInterval(() => void book.look(), lookEveryMs);
    book.#timer.unref();
    return book;
  }

  /** Takes what a bundle that is in force tells of passkeys. */
  take(bundle: PolicyBundle): void {
    const told = toldOf(bundle);
    const isFirst = this.#told === null;
    this.#told = told;
    this.#current = new Map(told.people.map(({ user, passkeys }) => [user, passkeys]));
    this.#reconcile([], isFirst);
    const pinned = this.#pins?.relyingParty ?? null;
    if (pinned === null || told.relyingParty === null || this.#isPartyTold) return;
    this.#isPartyTold = JSON.stringify(told.relyingParty) !== JSON.stringify(pinned);
    if (this.#isPartyTold) this.#options.onAlarm('passkey-relying-party-changed');
  }

  /** Why the certificate is not backed by a passkey that is trusted here; null when it is, or need not be. */
  fault(certificate: DeviceCertificate): PasskeyFault | null {
    const { requireProof } = this.#options;
    if (requireProof === 'never') return null;
    if (this.#trouble !== null) return troubled(this.#trouble);
    const person = this.#pins?.people.find(({ user }) => user === certificate.user);
    const pinned = person?.pinned.map(({ passkey }) => passkey) ?? [];
    const isKnown = pinned.length > 0 || (person?.waiting.length ?? 0) > 0;
    if (requireProof === 'auto' && !isKnown && !this.#isEveryonePinned) return null;
    const { passkey: proof, wgKey, org, exp } = certificate;
    if (proof === null) return noProof;
    const relyingParty = this.#pins?.relyingParty ?? null;
    if (relyingParty === null) return { fault: 'no-relying-party' };
    const told = this.#current.get(certificate.user) ?? [];
    const passkeys = pinned.filter((each) => told.some((other) => isSame(each, other)));
    const shown = ({ credentialId }: PinnedPasskey): boolean => credentialId === proof.credentialId;
    const waiting = told.find((each) => shown(each) && !passkeys.some(shown));
    if (waiting !== undefined) return waitsForWord(waiting);
    const fault = checkPasskeyProof({ proof, commitment: { wgKey, org, exp }, passkeys, relyingParty });
    return fault === null ? null : { fault };
  }

  /** Everything that is pinned or waits, the latter first. */
  standings(): readonly PasskeyStanding[] {
    return standingsOf(this.#pins);
  }

  /** Takes what an operator approved on this machine since the last time, and writes what could not be written. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      const { path, agentKey } = this.#options;
      if (this.#told === null || this.#trouble === 'passkey-pins-damaged') return;
      if (this.#trouble === 'passkey-pins-not-written' && this.#pins !== null) this.#save(this.#pins);
      const take = async (approval: Approval): Promise<void> => {
        this.#reconcile([approval], false);
        await this.#saving;
      };
      await takeApprovals(path, agentKey, take).catch(() => {});
      await this.#saving;
    });
    return this.#looking;
  }

  /** Resolves when what is pinned is on the disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#looking;
    await this.#saving;
  }

  #reconcile(approvals: readonly Approval[], mustTell: boolean): void {
    const told = this.#told;
    if (told === null || this.#trouble === 'passkey-pins-damaged') return;
    // Pins of another organization say nothing about this one's people, and are not ours to forget.
    if (this.#pins !== null && this.#pins.org !== told.org) return this.#troubled('passkey-pins-damaged');
    const { newUsers, clock, onChange, onStandings } = this.#options;
    const now = new Date(clock.now()).toISOString();
    const before = this.#pins;
    const { pins, changes } = reconcile({ before, told, newUsers, approvals, now });
    const hasPasskeys = pins.people.length > 0 || pins.relyingParty !== null;
    if (before === null && !hasPasskeys) return;
    this.#pins = pins;
    const pinned = new Set(pins.people.filter((one) => one.pinned.length > 0).map(({ user }) => user));
    const subjects = told.people.filter(({ isSubject }) => isSubject);
    this.#isEveryonePinned = subjects.length > 0 && subjects.every(({ user }) => pinned.has(user));
    if (JSON.stringify(pins) !== JSON.stringify(before)) this.#save(pins);
    for (const change of changes) onChange(change);
    if (changes.length > 0 || mustTell) onStandings(this.standings());
  }

  #save(pins: Pins): void {
    this.#saving = this.#saving.then(async () => {
      try {
        await writePins(this.#options.path, this.#options.agentKey, pins);
        if (this.#trouble === 'passkey-pins-not-written') this.#trouble = null;
      } catch {
        this.#troubled('passkey-pins-not-written');
      }
    });
  }

  #troubled(trouble: PasskeyTrouble): void {
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    this.#options.onAlarm(trouble);
  }
}
