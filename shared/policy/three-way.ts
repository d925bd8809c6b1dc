import type { PolicyDocument, PolicyEntry } from './document.ts';
import {
  entriesByName,
  entryOf,
  isSamePart,
  type PartName,
  type PolicyParts,
  partNames,
  partsOf,
} from './document-parts.ts';

/**
 * Two changes of one document brought together. What only one side changed is taken from it, part by part
 * (document-parts.ts); what both changed in different ways is a conflict, which a person decides.
 */
export interface MergeConflict {
  readonly policy: string;
  /** `policy`: one side removed what the other changed, or both added one of that name. */
  readonly part: PartName | 'policy';
  /** The table, column, limit, user or group; empty for the whole policy. */
  readonly key: string;
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
}

/** A person's word about one conflict. */
export interface MergeDecision {
  readonly policy: string;
  readonly part: PartName | 'policy';
  readonly key: string;
  readonly take: 'mine' | 'theirs';
}

export interface MergeInput {
  /** What both started from. */
  readonly base: PolicyDocument;
  readonly mine: PolicyDocument;
  readonly theirs: PolicyDocument;
  readonly decisions?: readonly MergeDecision[];
}

/** `document` takes `mine` wherever a conflict is open; it may be used only when there is none. */
export interface MergeOutcome {
  readonly document: PolicyDocument;
  /** Those without a decision. */
  readonly open: readonly MergeConflict[];
  /** All of them. */
  readonly conflicts: readonly MergeConflict[];
}

/** Merges; the result says nothing that none of the three says. */
export function mergeDocuments(input: MergeInput): MergeOutcome {
  const [base, mine, theirs] = [input.base, input.mine, input.theirs].map(entriesByName) as [
    Entries,
    Entries,
    Entries,
  ];
  const merge = new Merge(input.decisions ?? []);
  const merged = new Map<string, PolicyEntry>();
  for (const name of new Set([...mine.keys(), ...theirs.keys()])) {
    const sides = { base: base.get(name), mine: mine.get(name), theirs: theirs.get(name) };
    const entry = merge.entry(name, sides);
    if (entry !== null) merged.set(name, entry);
  }
  const order = orderOf(input, merged);
  return {
    document: { ...input.theirs, policies: order.flatMap((name) => merged.get(name) ?? []) },
    open: merge.open,
    conflicts: merge.conflicts,
  };
}

type Entries = ReadonlyMap<string, PolicyEntry>;

interface Sides<Value> {
  readonly base: Value | undefined;
  readonly mine: Value | undefined;
  readonly theirs: Value | undefined;
}

/** Order means nothing for rights: mine where I changed it, else theirs; what the other side added keeps its neighbour. */
function orderOf({ base, mine, theirs }: MergeInput, merged: ReadonlyMap<string, unknown>): string[] {
  const names = (document: PolicyDocument) => document.policies.map(({ name }) => name);
  const isMineMoved = !isSameOrder(names(base), names(mine));
  const [first, second] = isMineMoved ? [mine, theirs] : [theirs, mine];
  const order = names(first);
  names(second).forEach((name, at, all) => {
    if (!order.includes(name)) order.splice(order.indexOf(all[at - 1] ?? '') + 1, 0, name);
  });
  return order.filter((name) => merged.has(name));
}

function isSameOrder(a: readonly string[], b: readonly string[]): boolean {
  const shared = (all: readonly string[], other: readonly string[]) =>
    all.filter((name) => other.includes(name)).join('\n');
  return shared(a, b) === shared(b, a);
}

class Merge {
  readonly conflicts: MergeConflict[] = [];
  readonly open: MergeConflict[] = [];
  readonly #decisions: ReadonlyMap<string, 'mine' | 'theirs'>;

  constructor(decisions: readonly MergeDecision[]) {
    this.#decisions = new Map(decisions.map((each) => [keyOf(each), each.take]));
  }

  entry(name: string, { base, mine, theirs }: Sides<PolicyEntry>): PolicyEntry | null {
    if (mine !== undefined && theirs !== undefined) return this.#parts(name, { base, mine, theirs });
    const [kept, isMine] = mine === undefined ? [theirs, false] : [mine, true];
    if (kept === undefined) return null;
    // One side has it and the other has not: added by the one, or removed by the other.
    if (base === undefined) return kept;
    if (isSameEntry(base, kept)) return null;
    const take = this.#decide({ policy: name, part: 'policy', key: '', base, mine, theirs });
    return (take === 'mine') === isMine ? kept : null;
  }

  #parts(
    name: string,
    sides: Sides<PolicyEntry> & { readonly mine: PolicyEntry; readonly theirs: PolicyEntry },
  ): PolicyEntry {
    const base = sides.base === undefined ? undefined : partsOf(sides.base);
    const mine = partsOf(sides.mine);
    const theirs = partsOf(sides.theirs);
    const merged = partNames.map((part) => {
      const maps: Sides<ReadonlyMap<string, unknown>> = {
        base: base?.[part],
        mine: mine[part],
        theirs: theirs[part],
      };
      return [part, this.#map({ policy: name, part }, maps)];
    });
    return entryOf(name, Object.fromEntries(merged) as PolicyParts);
  }

  #map(
    where: { readonly policy: string; readonly part: PartName },
    { base, mine, theirs }: Sides<ReadonlyMap<string, unknown>>,
  ): ReadonlyMap<string, unknown> {
    const merged = new Map<string, unknown>();
    for (const key of new Set([...(mine?.keys() ?? []), ...(theirs?.keys() ?? [])])) {
      const value = this.#value({
        ...where,
        key,
        base: base?.get(key),
        mine: mine?.get(key),
        theirs: theirs?.get(key),
      });
      if (value !== undefined) merged.set(key, value);
    }
    return merged;
  }

  #value(conflict: MergeConflict): unknown {
    const { base, mine, theirs } = conflict;
    if (isSamePart(mine, theirs) || isSamePart(base, theirs)) return mine;
    if (isSamePart(base, mine)) return theirs;
    return this.#decide(conflict) === 'mine' ? mine : theirs;
  }

  #decide(conflict: MergeConflict): 'mine' | 'theirs' {
    const told = {
      ...conflict,
      base: conflict.base ?? null,
      mine: conflict.mine ?? null,
      theirs: conflict.theirs ?? null,
    };
    this.conflicts.push(told);
    const take = this.#decisions.get(keyOf(conflict));
    if (take === undefined) this.open.push(told);
    return take ?? 'mine';
  }
}

function keyOf({ policy, part, key }: Pick<MergeConflict, 'policy' | 'part' | 'key'>): string {
  return JSON.stringify([policy, part, key]);
}

function isSameEntry(a: PolicyEntry, b: PolicyEntry): boolean {
  const [was, is] = [partsOf(a), partsOf(b)];
  return partNames.every((part) => {
    const keys = new Set<string>([...was[part].keys(), ...is[part].keys()]);
    return [...keys].every((key) => isSamePart(was[part].get(key), is[part].get(key)));
  });
}
