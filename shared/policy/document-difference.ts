import type { PolicyDocument, PolicyEntry } from './document.ts';
import {
  describeFilter,
  type DocumentMask,
  entriesByName,
  isSamePart,
  type PolicyParts,
  partsOf,
  type Setting,
} from './document-parts.ts';
import type { TableOperation } from './effective-policy.ts';
import { compareMasks, isAtLeastAsRestrictive } from './restrictiveness.ts';

/** What one document says that another does not: in rights, not in lines. */
export interface DocumentDifference {
  readonly isSame: boolean;
  readonly policies: readonly PolicyDifference[];
}

/** What differs in one policy. Patterns are as the document writes them. */
export interface PolicyDifference {
  readonly name: string;
  readonly status: 'added' | 'removed' | 'changed';
  /** It stands at another place among the policies that both have. */
  readonly isMoved: boolean;
  readonly grants: readonly {
    readonly table: string;
    readonly added: readonly TableOperation[];
    readonly removed: readonly TableOperation[];
  }[];
  readonly masks: readonly {
    readonly column: string;
    readonly before: readonly DocumentMask[];
    readonly after: readonly DocumentMask[];
    /** What these lines alone do. */
    readonly effect: 'stricter' | 'weaker' | 'other';
  }[];
  readonly rowFilters: readonly {
    readonly table: string;
    readonly before: readonly string[];
    readonly after: readonly string[];
  }[];
  readonly limits: readonly {
    readonly limit: string;
    readonly before: Setting | null;
    readonly after: Setting | null;
  }[];
  readonly users: Change;
  readonly groups: Change;
}

interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Compares two documents of one database. Order within a policy and the way a text is written make no difference. */
export function compareDocuments(before: PolicyDocument, after: PolicyDocument): DocumentDifference {
  const old = entriesByName(before);
  const now = entriesByName(after);
  const shared = (document: PolicyDocument) =>
    document.policies.map(({ name }) => name).filter((name) => old.has(name) && now.has(name));
  const [oldOrder, newOrder] = [shared(before), shared(after)];
  const moved = new Set(newOrder.filter((name, at) => oldOrder[at] !== name));
  const removed = before.policies.filter(({ name }) => !now.has(name));
  const policies = [
    ...after.policies.map((entry) => compareEntry(old.get(entry.name), entry, moved.has(entry.name))),
    ...removed.map((entry) => compareEntry(entry, undefined, false)),
  ].filter((difference) => difference !== null);
  return { isSame: policies.length === 0, policies };
}

const nothing: PolicyParts = {
  grants: new Map(),
  masks: new Map(),
  rowFilters: new Map(),
  limits: new Map(),
  users: new Map(),
  groups: new Map(),
};

function compareEntry(
  before: PolicyEntry | undefined,
  after: PolicyEntry | undefined,
  isMoved: boolean,
): PolicyDifference | null {
  const old = before === undefined ? nothing : partsOf(before);
  const now = after === undefined ? nothing : partsOf(after);
  const difference = {
    name: (after ?? before)?.name ?? '',
    status: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    isMoved,
    grants: differing(old.grants, now.grants).map(({ key, was, is }) => ({
      table: key,
      added: (is ?? []).filter((operation) => !(was ?? []).includes(operation)),
      removed: (was ?? []).filter((operation) => !(is ?? []).includes(operation)),
    })),
    masks: differing(old.masks, now.masks).map(({ key, was = [], is = [] }) => ({
      column: key,
      before: was,
      after: is,
      effect: effectOf(was, is),
    })),
    rowFilters: differing(old.rowFilters, now.rowFilters).map(({ key, was = [], is = [] }) => ({
      table: key,
      before: was.map(describeFilter),
      after: is.map(describeFilter),
    })),
    limits: differing(old.limits, now.limits).map(({ key, was, is }) => ({
      limit: key,
      before: was ?? null,
      after: is ?? null,
    })),
    users: changeOf(old.users, now.users),
    groups: changeOf(old.groups, now.groups),
  } as const satisfies PolicyDifference;
  return difference.status !== 'changed' || isMoved || hasChange(difference) ? difference : null;
}

function hasChange({ grants, masks, rowFilters, limits, users, groups }: PolicyDifference): boolean {
  const lists = [grants, masks, rowFilters, limits, users.added, users.removed, groups.added, groups.removed];
  return lists.some(({ length }) => length > 0);
}

function differing<Part>(
  before: ReadonlyMap<string, Part>,
  after: ReadonlyMap<string, Part>,
): { readonly key: string; readonly was: Part | undefined; readonly is: Part | undefined }[] {
  const keys = [...new Set([...after.keys(), ...before.keys()])];
  return keys
    .map((key) => ({ key, was: before.get(key), is: after.get(key) }))
    .filter(({ was, is }) => !isSamePart(was, is));
}

function changeOf(before: ReadonlyMap<string, true>, after: ReadonlyMap<string, true>): Change {
  return {
    added: [...after.keys()].filter((key) => !before.has(key)),
    removed: [...before.keys()].filter((key) => !after.has(key)),
  };
}

/** Of several masks on one column the most restrictive one counts. */
function effectOf(
  before: readonly DocumentMask[],
  after: readonly DocumentMask[],
): PolicyDifference['masks'][number]['effect'] {
  const was = before.toSorted(compareRules)[0];
  const is = after.toSorted(compareRules)[0];
  if (was === undefined || is === undefined) return was === undefined ? 'stricter' : 'weaker';
  const isStricter = isAtLeastAsRestrictive(ruleOf(is), ruleOf(was));
  const isWeaker = isAtLeastAsRestrictive(ruleOf(was), ruleOf(is));
  if (isStricter === isWeaker) return 'other';
  return isStricter ? 'stricter' : 'weaker';
}

function compareRules(a: DocumentMask, b: DocumentMask): number {
  return compareMasks(ruleOf(a), ruleOf(b));
}

/** The members that are there: a schema's optional ones may be undefined. */
function ruleOf({ preset, prefix, suffix, as, match }: DocumentMask) {
  return {
    preset,
    ...(prefix === undefined ? {} : { prefix }),
    ...(suffix === undefined ? {} : { suffix }),
    ...(as === undefined ? {} : { as }),
    ...(match === undefined ? {} : { match }),
  };
}
