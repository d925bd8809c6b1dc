import type { PasskeyStanding } from '@daam/shared/api/feed';
import { passkeyFingerprint } from '@daam/shared/identity/passkey-proof';
import type { Pins } from './pins.ts';

/** Room in one message of the feed (shared/api/feed.ts), in characters. */
const maxText = 200 * 1024;

/** Every passkey that is pinned or waits for somebody's word; those that wait first, for they are to be acted upon. */
export function standingsOf(pins: Pins | null): readonly PasskeyStanding[] {
  const people = pins?.people ?? [];
  const of = (standing: PasskeyStanding['standing']): PasskeyStanding[] =>
    people.flatMap(({ user, email, [standing]: passkeys }) =>
      passkeys.map(({ passkey, since }) => ({
        user,
        email,
        fingerprint: passkeyFingerprint(passkey),
        standing,
        since,
      })),
    );
  return [...of('waiting'), ...of('pinned')];
}

/** The part of it that one message holds. */
export function standingsForFeed(standings: readonly PasskeyStanding[]): PasskeyStanding[] {
  let left = maxText;
  const fitting = (standing: PasskeyStanding): boolean => (left -= JSON.stringify(standing).length + 1) > 0;
  const end = standings.findIndex((standing) => !fitting(standing));
  return standings.slice(0, end < 0 ? standings.length : end);
}
