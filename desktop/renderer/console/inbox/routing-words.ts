/** Why a request came to its approvers, in words. */
import type { RequestRouting } from '@daam/shared/api/routes/requests';
import { duration } from '../../ui/time.ts';

/** One sentence a line. Rules may have changed since: it is told as it was when the request was made. */
export function routingWords(routing: RequestRouting): readonly string[] {
  const { rule, moreTime } = routing;
  if (rule === null) return ['No rule fitted it: one administrator approves.'];
  const why = conditions(routing);
  return [
    why.length === 0
      ? `Rule ${rule} as it stood then, which is for every request.`
      : `Rule ${rule} as it stood then: ${why.join('; ')}.`,
    ...(moreTime ? ['The rule opens such requests by itself; more time is always somebody’s decision.'] : []),
  ];
}

function conditions({ database, environment, tables, maxMinutes }: RequestRouting): string[] {
  return [
    ...(database ? ['it is for this database'] : []),
    ...(environment === null ? [] : [`the database is ${environment}`]),
    ...(tables ? ['no more is asked for than the tables of the rule'] : []),
    ...(maxMinutes === null ? [] : [`for at most ${duration(maxMinutes * 60_000)}`]),
  ];
}
