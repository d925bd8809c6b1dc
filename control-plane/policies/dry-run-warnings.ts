import type { PolicyProblem } from '@daam/shared/api/policies';
import { type PolicyDocument, policyBodyOf } from '@daam/shared/policy/document';
import { readPolicyText } from '@daam/shared/policy/policy-text';
import { namesAnything, rulesOf } from '../databases/drift.ts';
import type { KnownTables } from './known-tables.ts';

const maxWarnings = 100;

/** Rules of a document that name no table or column of the database: misspelt, or gone. Their places are the text's. */
export function warningsOf(
  document: PolicyDocument,
  text: string,
  { at, schema }: KnownTables,
): PolicyProblem[] {
  if (at === null) return [];
  const { placeOf } = readPolicyText(text);
  const warnings: PolicyProblem[] = [];
  for (const [index, entry] of document.policies.entries()) {
    for (const rule of rulesOf(policyBodyOf(entry))) {
      if (warnings.length >= maxWarnings) return warnings;
      if (namesAnything(rule, schema)) continue;
      const [list = '', place = ''] = rule.path.split(/[[\]]/);
      warnings.push({
        field: `policies[${index}].${rule.path}`,
        message: `${rule.pattern} names nothing of the database`,
        ...placeOf(['policies', index, list, Number(place)]),
      });
    }
  }
  return warnings;
}
