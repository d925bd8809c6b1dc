import { type PolicyText, readPolicyText } from '@daam/shared/policy/policy-text';
import type { Database } from '../db/entities/database.ts';
import type { Scope } from '../db/scope.ts';
import { findSubjects } from './subjects.ts';

/**
 * A text as it was understood, with everything that would keep it from being published: what is no document, and a
 * document of another database, give none; names that nobody has are problems of one that can still be worked on.
 */
export async function checkText(
  scope: Scope,
  database: Database,
  text: string,
): Promise<{ document: PolicyText['document']; problems: PolicyText['problems'] }> {
  const read = readPolicyText(text);
  const { document, placeOf } = read;
  if (document === null) return read;
  if (document.database !== database.name) {
    const message = `the document is for "${document.database}", not for "${database.name}"`;
    return { document: null, problems: [{ field: 'database', message, ...placeOf(['database']) }] };
  }
  const { unknown } = await findSubjects(scope, document);
  const problems = unknown.map(({ field, message, path }) => ({ field, message, ...placeOf(path) }));
  return { document, problems: problems.slice(0, 100) };
}
