import type { RuleSource } from '@daam/shared/api/policies';
import { formatPath, type PolicyDocument, type ProblemPath } from '@daam/shared/policy/document';
import { formatPattern, parsePattern } from '@daam/shared/policy/pattern';
import { readPolicyText } from '@daam/shared/policy/policy-text';
import type { RuleRef } from '@daam/shared/sql/person-access';

/** Finds where a rule stands in the document's text: its path and its line. */
export type LocateRule = (rule: RuleRef) => RuleSource;

/** Texts that are kept; the one used longest ago goes first. */
const maxKept = 8;

/** Locators of the texts that were asked about last: a long text takes a second to read. */
export class RuleLocators {
  readonly #known = new Map<string, LocateRule>();

  /** For one text; rules of access requests are in no text. */
  of(text: string): LocateRule {
    const locate = this.#known.get(text) ?? ruleLocator(text);
    this.#known.delete(text);
    this.#known.set(text, locate);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKept && oldest !== undefined) this.#known.delete(oldest);
    return locate;
  }
}

function ruleLocator(text: string): LocateRule {
  const { document, placeOf } = readPolicyText(text);
  const paths = pathsOf(document);
  return ({ kind, origin, pattern }) => {
    const path = paths.get(keyOf(kind, origin.policy, pattern));
    return {
      policy: origin.policy,
      version: origin.version,
      pattern,
      path: path === undefined ? null : formatPath(path),
      line: path === undefined ? null : placeOf(path).line,
    };
  };
}

function pathsOf(document: PolicyDocument | null): ReadonlyMap<string, ProblemPath> {
  const paths = new Map<string, ProblemPath>();
  const add = (key: string, path: ProblemPath) => {
    if (!paths.has(key)) paths.set(key, path);
  };
  document?.policies.forEach(({ name, grants, masks, rowFilters }, at) => {
    const own = ['policies', at] as const;
    grants.forEach(({ table }, index) =>
      add(keyOf('grant', name, same(table, 2)), [...own, 'grants', index]),
    );
    masks.forEach(({ column }, index) => add(keyOf('mask', name, same(column, 3)), [...own, 'masks', index]));
    rowFilters.forEach(({ table }, index) =>
      add(keyOf('row-filter', name, same(table, 2)), [...own, 'rowFilters', index]),
    );
  });
  return paths;
}

/** One spelling for each pattern. */
function same(pattern: string, count: 2 | 3): string {
  return formatPattern(parsePattern(pattern, count));
}

function keyOf(kind: RuleRef['kind'], policy: string, pattern: string): string {
  return JSON.stringify([kind, policy, pattern]);
}
