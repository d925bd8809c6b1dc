/** Requests in words. */
import type { RequestState, RequestView } from '@daam/shared/api/routes/requests';
import type { Tone } from '../ui/chip.tsx';
import { duration, span } from '../ui/time.ts';

export const stateWords: Readonly<Record<RequestState, readonly [string, Tone]>> = {
  pending: ['Waiting', 'warn'],
  approved: ['Approved', 'ok'],
  active: ['Active', 'ok'],
  expired: ['Ended', 'neutral'],
  denied: ['Denied', 'bad'],
  revoked: ['Ended early', 'neutral'],
};

/** What is asked for, one line each. */
export function termsLines({ policy, access }: RequestView['asked']): string[] {
  if (policy !== null) return [`Policy ${policy.name}`];
  if (access === null) return [];
  const tables = itemsOf(access['tables']).map(
    (item) =>
      `${listOf(item['operations']).join(', ') || 'select'} on ${textOf(item['table'])}${columnsOf(item)}`,
  );
  const unmask = itemsOf(access['unmask']).map((item) => {
    const to = textOf(item['to']);
    return `${textOf(item['column'])} ${to === '' || to === 'none' ? 'without its mask' : `masked only by ${to}`}`;
  });
  const masks = itemsOf(access['masks']).map(
    (item) => `${textOf(item['column'])} masked by ${textOf(item['preset'])}`,
  );
  return [...tables, ...unmask, ...masks];
}

/** "for 1 h", and from when. */
export function windowWords({ minutes, startAt }: RequestView['asked']): string {
  const length = duration(minutes * 60_000);
  return startAt === null ? `for ${length}` : `for ${length} from ${new Date(startAt).toLocaleString()}`;
}

/** How it stands, with the time that matters now. */
export function standing(request: RequestView, now: number): string {
  const { window, approval } = request;
  switch (request.state) {
    case 'pending': {
      const left = approval.required - approval.given.length;
      const needed = `${left} of ${approval.required} ${approval.required === 1 ? 'approval' : 'approvals'} missing`;
      return `${needed}, lapses in ${span(now, Date.parse(request.pendingUntil))}`;
    }
    case 'approved':
      return window === null ? 'Approved' : `Begins in ${span(now, Date.parse(window.startsAt))}`;
    case 'active':
      return window === null ? 'Active' : `Ends in ${span(now, Date.parse(window.endsAt))}`;
    case 'expired':
      return window === null ? 'Nobody answered in time' : 'The window is over';
    case 'denied':
    case 'revoked':
      break;
  }
  return request.ended?.note ?? (request.state === 'denied' ? 'Denied' : 'Ended early');
}

function columnsOf(item: Readonly<Record<string, unknown>>): string {
  const columns = listOf(item['columns']);
  return columns.length === 0 ? '' : ` (${columns.join(', ')})`;
}

function itemsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
