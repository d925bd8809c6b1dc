import { policyChecks } from './policy-checks.ts';
import { publicChecks } from './public-checks.ts';
import { roleChecks } from './role-checks.ts';
import { serverChecks } from './server-checks.ts';

/** Stable names of all checks: what `upstream.refuse_on` may name. */
export const checkNames: ReadonlySet<string> = new Set(
  [...serverChecks, ...roleChecks, ...publicChecks, ...policyChecks].map(({ id }) => id),
);
