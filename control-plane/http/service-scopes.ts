import type { RouteContract } from '@daam/shared/api/route';
import type { ServiceScope } from '@daam/shared/api/service-scopes';
import { type ContractName, contracts } from './contracts.ts';

/** The routes of these tags are in scopes; those of all others (auth, devices, passkeys, …) in none. */
const scopedTags: Readonly<
  Record<string, { readonly read: ServiceScope; readonly write: ServiceScope | null }>
> = {
  agents: { read: 'databases:read', write: 'databases:write' },
  audit: { read: 'audit:read', write: null },
  databases: { read: 'databases:read', write: 'databases:write' },
  people: { read: 'people:read', write: 'people:write' },
  policies: { read: 'policies:read', write: 'policies:write' },
  requests: { read: 'requests:read', write: null },
  webhooks: { read: 'webhooks:read', write: 'webhooks:write' },
};

/** What makes or shows credentials of people or devices, and what is two people's, whatever its tag: it takes a person. */
const forPeople = new Set<ContractName>([
  'createApiToken',
  'listApiTokens',
  'revokeApiToken',
  'inviteUser',
  'issueGrant',
  // Of two administrators: accounts of programs are nobody's second pair of eyes.
  'beginPublication',
  'proposePolicies',
  'publishPolicyProposal',
  'closePolicyProposal',
  'putPolicySettings',
]);

/** What puts policies in force. */
const publishing = new Set<ContractName>([
  'putPolicies',
  'publishPolicies',
  'publishPolicyDraft',
  'restorePolicyRevision',
  'assignPolicyToUser',
  'unassignPolicyFromUser',
  'assignPolicyToGroup',
  'unassignPolicyFromGroup',
]);

/** What asks about policies, and changes nothing. */
const asking = new Set<ContractName>([
  'explainStatement',
  'checkPolicies',
  'dryRunPolicies',
  'previewAccess',
]);

/**
 * The scope that a service account needs for a route: null for none (who am I), 'none' where no scope helps. Default is
 * to refuse: a route of a new tag is in no scope until it stands here.
 */
export function scopeOf(name: ContractName): ServiceScope | null | 'none' {
  if (name === 'getMe') return null;
  if (forPeople.has(name)) return 'none';
  if (publishing.has(name)) return 'policies:publish';
  const contract: RouteContract = contracts[name];
  const scope = scopedTags[contract.tag];
  if (scope === undefined) return 'none';
  const reads = contract.method === 'GET' || asking.has(name);
  return reads ? scope.read : (scope.write ?? 'none');
}
