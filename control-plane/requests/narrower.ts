import type { RequestSettings } from '@daam/shared/api/routes/requests';
import type { TemporaryAccess } from '@daam/shared/policy/temporary-access';
import { type Asked, ruleFor } from './rules.ts';

/** Less than what is asked for, for which nobody has to approve. */
export interface Alternative {
  readonly access: TemporaryAccess;
  readonly minutes: number;
}

const maxAlternatives = 3;

/**
 * What opens by itself and is less than what is asked for: without the columns to unmask, for reading only, for a
 * shorter time, or several of these; the least change first. None where the whole opens by itself.
 */
export function narrowerAlternatives(
  settings: Pick<RequestSettings, 'rules'>,
  asked: Asked,
): readonly Alternative[] {
  const { access } = asked;
  const times = settings.rules.flatMap(({ automatic, maxMinutes }) => (automatic ? (maxMinutes ?? []) : []));
  if (access === null || times.length === 0 || ruleFor(settings, asked).automatic) return [];
  const shorter = [...new Set(times)].filter((minutes) => minutes < asked.minutes).toSorted((a, b) => b - a);
  const masked = { ...access, unmask: [] };
  const smaller = [access, masked, reading(masked)].filter(
    ({ tables, unmask }) => tables.length + unmask.length > 0,
  );
  const known = new Set<string>();
  const found = smaller.flatMap((each) => {
    const text = JSON.stringify(each);
    if (known.has(text)) return [];
    known.add(text);
    // For each document the longest time is enough: whoever wants less knows how.
    const minutes = [asked.minutes, ...shorter].find(
      (time) => ruleFor(settings, { ...asked, policy: null, access: each, minutes: time }).automatic,
    );
    return minutes === undefined ? [] : [{ access: each, minutes }];
  });
  return found.slice(0, maxAlternatives);
}

function reading(access: TemporaryAccess): TemporaryAccess {
  const tables = access.tables.flatMap((table) =>
    table.operations.includes('select') ? [{ ...table, operations: ['select' as const] }] : [],
  );
  return { ...access, tables };
}
