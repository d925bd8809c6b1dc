/** What a person should hear about the end of their sign-in. Only they can make it last longer. */
import type { Account } from '../account.ts';

/** How long before the end they are told, in milliseconds. */
export const noticeMs = 30 * 60_000;

/** `soon` and `over`: to be told. `leftMs` is until the certificate ends. */
export type SignInNotice =
  | { readonly kind: 'fine' }
  | { readonly kind: 'soon'; readonly leftMs: number }
  | { readonly kind: 'over' };

/** Who is signed in, and when their certificate ends: milliseconds since the Unix epoch. */
export interface Held {
  readonly account: Pick<Account, 'signedInWith'> | null;
  readonly certificateExpiresAt: number | null;
}
type HeldNow = Held & { readonly now: number };

/** Times in milliseconds since the Unix epoch. A token renews its certificate by itself: then there is nothing to say. */
export function signInNotice({ account, certificateExpiresAt, now }: HeldNow): SignInNotice {
  if (account?.signedInWith !== 'passkey') return { kind: 'fine' };
  const leftMs = (certificateExpiresAt ?? 0) - now;
  if (leftMs <= 0) return { kind: 'over' };
  return leftMs <= noticeMs ? { kind: 'soon', leftMs } : { kind: 'fine' };
}

/** When the notice will be another one, by itself: milliseconds since the Unix epoch; null: never. */
export function nextNoticeAt(held: HeldNow): number | null {
  const { kind } = signInNotice(held);
  const { account, certificateExpiresAt } = held;
  if (account?.signedInWith !== 'passkey' || certificateExpiresAt === null || kind === 'over') return null;
  return kind === 'soon' ? certificateExpiresAt : certificateExpiresAt - noticeMs;
}

/** The notice in words; null when there is nothing to say. */
export function noticeWords(notice: SignInNotice): string | null {
  if (notice.kind === 'fine') return null;
  if (notice.kind === 'over') return 'Your sign-in has ended: sign in again with "daam login".';
  const minutes = Math.max(1, Math.round(notice.leftMs / 60_000));
  return `Your sign-in ends in ${minutes} min: sign in again with "daam login", and connections go on.`;
}
