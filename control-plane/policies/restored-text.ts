import { AppError } from '@daam/shared/errors/app-error';
import { patchPolicyText } from '@daam/shared/policy/policy-text';
import type { Database } from '../db/entities/database.ts';
import type { Scope } from '../db/scope.ts';
import { documentInForce, type WrittenDocument } from './revision-store.ts';

/** The text in force with one policy as an earlier revision had it: changed, added, or taken out. */
export async function withOnePolicy(
  scope: Scope,
  {
    database,
    restored,
    name,
  }: { readonly database: Database; readonly restored: WrittenDocument; readonly name: string },
): Promise<string> {
  const { document, text } = await documentInForce(scope, database);
  const entry = restored.document.policies.find((policy) => policy.name === name);
  const at = document.policies.findIndex((policy) => policy.name === name);
  if (entry === undefined && at < 0) {
    throw new AppError('NOT_FOUND', { field: 'body.policy', message: `There is no policy ${name}.` });
  }
  const policies = [...document.policies];
  policies.splice(at < 0 ? policies.length : at, at < 0 ? 0 : 1, ...(entry === undefined ? [] : [entry]));
  return patchPolicyText(text, { ...document, policies });
}
