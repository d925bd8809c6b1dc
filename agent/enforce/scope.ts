import { createHash } from 'node:crypto';
import { matchesTable } from '@daam/shared/policy/pattern';
import type { ResolvedAccess } from '@daam/shared/sql/access';

/** `upstream.scope` of the agent's own configuration: table patterns, null for no limit. */
export type Scope = readonly { readonly schema: string; readonly table: string }[] | null;

/**
 * What is left of an access within the scope. The operator of the agent sets it, and no policy can widen it:
 * relations outside are as if no policy named them.
 */
export function withinScope(access: ResolvedAccess, scope: Scope): ResolvedAccess {
  if (scope === null) return access;
  const relations = new Map(
    [...access.relations].filter(([, { schema, name }]) =>
      scope.some((pattern) => matchesTable(pattern, { schema, table: name })),
    ),
  );
  if (relations.size === access.relations.size) return access;
  const fingerprint = createHash('sha256')
    .update(`${access.fingerprint} within ${[...relations.keys()].toSorted((a, b) => a - b).join(',')}`)
    .digest('hex')
    .slice(0, 32);
  return { ...access, relations, fingerprint };
}
