import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@daam/shared/base/clock';
import { arrayElements } from '@daam/shared/sql/array-literal';
import type { EffectiveLimits } from '@daam/shared/policy/effective-policy';
import { matchesPerStatement } from '@daam/shared/sql/gate/match';
import type { Denial, MatchUse, Verdict } from '@daam/shared/sql/verdict';
import { arrayElementsOfBinary } from './binary-array.ts';

type Allowed = Extract<Verdict, { kind: 'allow' }>;

/** Distinct values that a person may compare with one masked column in an hour, unless a policy says otherwise. */
export const matchesPerHour = 100;

const hourMs = 3_600_000;
/** Columns times people whose values are remembered; beyond it new ones are refused until an hour is over. */
const maxWindows = 20_000;
/** Digests altogether, some 60 MB; beyond it the same. */
const maxDigests = 500_000;

/** The parameters of a Bind, as far as matches compare with them. */
export interface BoundValues {
  readonly values: readonly (Buffer | null)[];
  /** 0 text, 1 binary; as in Bind: none, one for all, or one each. */
  readonly formats: readonly number[];
  /** Type OIDs that the client declared at Parse. */
  readonly types: readonly number[];
}

/** What a statement compares, counted: the verdict to record it under, or why it must not run. */
export type Spending =
  | { readonly kind: 'spent'; readonly verdict: Allowed }
  | { readonly kind: 'refused'; readonly denial: Denial };

/**
 * The budget of equality matches (enforcement.md 1): how many values one statement compares with real ones, and
 * how many distinct values a person has tried on one column within the last hour, in all of their sessions.
 * Values are kept as digests under a key that dies with the process, never as they are.
 */
export class MatchBudget {
  readonly #clock: Clock;
  readonly #maxWindows: number;
  readonly #maxDigests: number;
  readonly #key = randomBytes(32);
  /** By digest of person and column: when each value was last used, oldest first. */
  readonly #windows = new Map<string, Map<string, number>>();

  #digests = 0;

  constructor(options: {
    readonly clock: Clock;
    readonly maxWindows?: number;
    readonly maxDigests?: number;
  }) {
    this.#clock = options.clock;
    this.#maxWindows = options.maxWindows ?? maxWindows;
    this.#maxDigests = options.maxDigests ?? maxDigests;
  }

  /**
   * Counts what the verdict's matches compare with; `bound` is null where there are no parameters. All or
   * nothing: a statement that is refused has spent nothing.
   */
  spend(
    verdict: Allowed,
    asked: { readonly user: string; readonly limits: EffectiveLimits; readonly bound: BoundValues | null },
  ): Spending {
    const used = verdict.statements.map(({ matches }) =>
      matches.map((match) => valuesOf(match, asked.bound)),
    );
    const unread = used.flat().some((values) => values === null);
    const most = asked.limits.matchesPerStatement ?? matchesPerStatement;
    // an array that cannot be read cannot be counted either
    if (unread || used.some((matches) => sum(matches) > most)) {
      return { kind: 'refused', denial: statementDenial(verdict, most) };
    }
    const counted = verdict.statements.map((statement, at) => ({
      ...statement,
      matches: statement.matches.map((match, index) => withCount(match, used[at]?.[index] ?? null)),
    }));
    const wanted = new Map<string, Set<string>>();
    for (const [at, { matches }] of verdict.statements.entries()) {
      for (const [index, match] of matches.entries())
        this.#want(wanted, asked.user, match, used[at]?.[index] ?? []);
    }
    const hourly = asked.limits.matchesPerHour ?? matchesPerHour;
    for (const [window, digests] of wanted) {
      if (!this.#hasRoom(window, digests, hourly)) {
        return { kind: 'refused', denial: hourDenial(verdict, hourly) };
      }
    }
    for (const [window, digests] of wanted) this.#note(window, digests);
    return { kind: 'spent', verdict: { ...verdict, statements: counted } };
  }

  #want(
    wanted: Map<string, Set<string>>,
    user: string,
    { oid, column }: MatchUse,
    values: readonly (string | Buffer | null)[],
  ): void {
    const window = this.#digest(['window', user, String(oid), column]);
    const digests = wanted.get(window) ?? new Set();
    for (const value of values) if (value !== null) digests.add(this.#digest([window, value]));
    if (digests.size > 0) wanted.set(window, digests);
  }

  #digest(parts: readonly (string | Buffer)[]): string {
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest().toString('base64url', 0, 16);
  }

  #hasRoom(window: string, digests: ReadonlySet<string>, most: number): boolean {
    const known = this.#current(window);
    let fresh = 0;
    for (const digest of digests) if (known?.has(digest) !== true) fresh += 1;
    if (fresh === 0) return true;
    if (this.#isFull(known === null, fresh)) this.#sweep();
    return (known?.size ?? 0) + fresh <= most && !this.#isFull(known === null, fresh);
  }

  #isFull(isNew: boolean, fresh: number): boolean {
    return (isNew && this.#windows.size >= this.#maxWindows) || this.#digests + fresh > this.#maxDigests;
  }

  /** The window without what is older than an hour; null when nothing is left. */
  #current(window: string): Map<string, number> | null {
    const known = this.#windows.get(window);
    if (known === undefined) return null;
    const since = this.#clock.now() - hourMs;
    for (const [digest, at] of known) {
      if (at > since) break;
      known.delete(digest);
      this.#digests -= 1;
    }
    if (known.size > 0) return known;
    this.#windows.delete(window);
    return null;
  }

  #sweep(): void {
    for (const window of this.#windows.keys()) this.#current(window);
  }

  #note(window: string, digests: ReadonlySet<string>): void {
    const known = this.#windows.get(window) ?? new Map<string, number>();
    this.#windows.set(window, known);
    const now = this.#clock.now();
    for (const digest of digests) {
      // a value that is used again moves to the end, where the newest are
      if (!known.delete(digest)) this.#digests += 1;
      known.set(digest, now);
    }
  }
}

type Values = readonly (string | Buffer | null)[];

/** The values that a match compares with; null when they cannot be told. */
function valuesOf(match: MatchUse, bound: BoundValues | null): Values | null {
  const values: (string | Buffer | null)[] = [];
  for (const operand of match.operands) {
    if (operand.kind === 'literal') {
      values.push(operand.text);
      continue;
    }
    const index = operand.number - 1;
    // a parameter that is not bound fails at the server
    const value = bound?.values[index] ?? null;
    const isArray =
      operand.holds === 'array' || (operand.holds === 'element' && !isScalar(bound?.types[index] ?? 0));
    if (value === null || !isArray) {
      values.push(value);
      continue;
    }
    const elements =
      formatOf(bound, index) === 1 ? arrayElementsOfBinary(value) : arrayElements(value.toString('utf8'));
    if (elements === null) return null;
    values.push(...elements);
  }
  return values;
}

function formatOf(bound: BoundValues | null, index: number): number {
  const formats = bound?.formats ?? [];
  return (formats.length === 1 ? formats[0] : formats[index]) ?? 0;
}

/**
 * Types of pg_catalog that hold one value, by OID; not declared (0) is one too, since the element of ARRAY[$1]
 * then gets the column's type. Everything else is counted as an array.
 */
const scalars: ReadonlySet<number> = new Set([
  0, 16, 17, 18, 19, 20, 21, 23, 25, 26, 700, 701, 705, 1042, 1043, 1082, 1083, 1114, 1184, 1266, 1700, 2950,
]);

function isScalar(type: number): boolean {
  return scalars.has(type);
}

function sum(matches: readonly (Values | null)[]): number {
  return matches.reduce((total, values) => total + (values?.length ?? 0), 0);
}

/** IS NULL and conflict arbiters have no operands; their count stays what the gate said. */
function withCount(match: MatchUse, values: Values | null): MatchUse {
  return match.operands.length === 0 ? match : { ...match, literals: values?.length ?? match.literals };
}

function statementDenial(verdict: Allowed, most: number): Denial {
  return {
    sqlstate: '53400',
    message: `a statement may compare masked columns with at most ${most} values`,
    detail: `Rule "equality": ${columnsOf(verdict)} is masked.`,
    hint: 'Compare with fewer values in one statement.',
    rule: 'match-budget',
    table: null,
    position: null,
  };
}

function hourDenial(verdict: Allowed, most: number): Denial {
  return {
    sqlstate: '53400',
    message: `you compared ${columnsOf(verdict)} with ${most} different values within the last hour, and that is the limit`,
    detail: `Rule "equality": a policy allows ${most} distinct values an hour for a person and column.`,
    hint: 'Wait, or use values that you have compared before.',
    rule: 'match-budget',
    table: null,
    position: null,
  };
}

function columnsOf(verdict: Allowed): string {
  const names = verdict.statements.flatMap(({ matches, tables }) =>
    matches.map(({ oid, column }) => `${tables.find((table) => table.oid === oid)?.name ?? ''}.${column}`),
  );
  return [...new Set(names)].join(', ');
}
