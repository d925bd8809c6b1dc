/** Who would approve a request, in words. */
import type { WhoApproves } from '@daam/shared/api/routes/requests';
import { duration } from '../ui/time.ts';

/** Who would approve, in a sentence for each thing that is so. */
export function approvalWords(
  answer: WhoApproves,
  { pendingMinutes }: { readonly pendingMinutes?: number } = {},
): string[] {
  if (answer.automatic) return ['Nobody has to approve this: it opens at once.'];
  const who = peopleWords(answer);
  const escalation = answer.escalation;
  return [
    answer.total === 0
      ? 'Nobody can approve this.'
      : answer.required === 1
        ? `One of these approves: ${who}.`
        : `${answer.required} of these approve: ${who}.`,
    ...(answer.total > 0 && answer.total < answer.required
      ? [
          `That takes ${answer.required}, and there ${answer.total === 1 ? 'is' : 'are'} only ${answer.total}.`,
        ]
      : []),
    ...(escalation === null
      ? []
      : [
          `Without a decision after ${duration(escalation.minutes * 60_000)}, also ${peopleWords(escalation)}.`,
        ]),
    ...(pendingMinutes === undefined
      ? []
      : [`It lapses after ${duration(pendingMinutes * 60_000)} without a decision.`]),
  ];
}

function peopleWords({ people, total }: Pick<WhoApproves, 'people' | 'total'>): string {
  if (total === 0) return 'nobody';
  const rest = total - people.length;
  const names = people.map(({ email }) => email).join(', ');
  return rest === 0 ? names : `${names} and ${rest} more`;
}
