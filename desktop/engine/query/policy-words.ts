import { policyChange, type PolicyChangeNotice } from '@daam/shared/api/mask-metadata';

/** What an agent said; null when it cannot be read. */
export function readPolicyChange(detail: string | undefined): PolicyChangeNotice | null {
  try {
    return policyChange.parse(JSON.parse(detail ?? ''));
  } catch {
    return null;
  }
}

/** For the banner over an open tab: "analyst v12 → v13: phone is now masked". */
export function policyWords({ before, after, masked, unmasked, lost, gained }: PolicyChangeNotice): string {
  const versions = after.flatMap(({ policy, version }) => {
    const old = before.find((each) => each.policy === policy);
    if (old === undefined) return [`${policy} v${version}`];
    return old.version === version ? [] : [`${policy} v${old.version} → v${version}`];
  });
  const gone = before.filter(({ policy }) => !after.some((each) => each.policy === policy));
  const head = [...versions, ...gone.map(({ policy }) => `${policy} no longer applies`)].join(', ');
  const effects = [
    listed(
      masked.map(({ column }) => column),
      'now masked',
    ),
    listed(
      unmasked.map(({ column }) => column),
      'no longer masked',
    ),
    listed(
      lost.map(({ table }) => table),
      'no longer granted',
    ),
    listed(
      gained.map(({ table }) => table),
      'now granted',
    ),
  ].filter((words) => words !== null);
  const start = head === '' ? 'Your access changed' : head;
  return (effects.length === 0 ? `${start}.` : `${start}: ${effects.join('; ')}.`).slice(0, 500);
}

/** A column that views show too is named once. */
function listed(all: readonly string[], what: string): string | null {
  const names = [...new Set(all)];
  if (names.length === 0) return null;
  const shown = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `${shown}${more} ${names.length === 1 ? 'is' : 'are'} ${what}`;
}
