import { type Bind, encodeBind } from '@daam/shared/pgwire/bind';
import { hasMaskShape } from '@daam/shared/sql/mask-shape';
import type { Denial, OwnParameter, SessionNames, WriteGuard } from '@daam/shared/sql/verdict';
import type { Spending } from '../enforce/match-budget.ts';
import type { SessionContext } from './context.ts';
import type { AllowedVerdict, PreparedStatement } from './prepared.ts';
import { plainDenial } from './refusal.ts';

/**
 * The rules that look at values: how many are compared with real ones (the match budget), which bring a mask back
 * (the write-back guard), and the agent's own parameters. Text is the gate's business; values are known here, at
 * Query and Bind.
 */

/** No parameter brings a mask back. */
export const nothingComesBack: ReadonlySet<number> = new Set();

/** Whether the values of a Bind matter to this statement at all. */
export function looksAtValues({ guards, parameters, statements }: AllowedVerdict): boolean {
  return guards.length > 0 || parameters.length > 0 || statements.some(({ matches }) => matches.length > 0);
}

/** Counts what a statement compares with real values; `bind` is null in the simple protocol. */
export function spendMatches(
  { values, view }: SessionContext,
  verdict: AllowedVerdict,
  bind: { readonly bound: Bind; readonly types: readonly number[] } | null,
): Spending {
  if (!verdict.statements.some(({ matches }) => matches.length > 0)) return { kind: 'spent', verdict };
  const bound =
    bind === null
      ? null
      : { values: bind.bound.parameters, formats: bind.bound.parameterFormats, types: bind.types };
  return values.budget.spend(verdict, { user: values.user, limits: view.access.limits, bound });
}

/** The parameters whose values have the shape of the mask of the column that they are written to. */
export function maskedParameters(guards: readonly WriteGuard[], bind: Bind): ReadonlySet<number> {
  if (guards.length === 0) return nothingComesBack;
  const found = new Set<number>();
  for (const guard of guards) {
    const value = bind.parameters[guard.parameter - 1];
    // a parameter that is not bound fails at the server
    if (value !== undefined && comesBack(guard, value)) found.add(guard.parameter);
  }
  return found.size === 0 ? nothingComesBack : found;
}

/** Texts are the same bytes in both formats; only texts have the shape of a mask. */
function comesBack(guard: WriteGuard, value: Buffer | null): boolean {
  if (value === null) return guard.showsNull;
  if (guard.always) return true;
  // nothing that a mask shows is longer
  return value.length <= maxMaskBytes && hasMaskShape(guard.shape, value.toString('utf8'));
}

const maxMaskBytes = 4096;

/** Names with what the gate must know of the bound values. */
export function withWriteBack(names: SessionNames, writeBack: ReadonlySet<number>): SessionNames {
  const { searchPath, searchPathTouched, tempRelations, prepared, elevationAvailable, opaqueObjects } = names;
  return {
    searchPath,
    searchPathTouched,
    tempRelations,
    prepared,
    elevationAvailable,
    opaqueObjects,
    writeBack,
  };
}

/** True when both hold the same parameters. */
export function sameParameters(left: ReadonlySet<number>, right: ReadonlySet<number>): boolean {
  return left === right || (left.size === right.size && [...left].every((parameter) => right.has(parameter)));
}

/**
 * The types to declare when a statement is prepared without some of its assignments: a parameter that stands
 * nowhere any more would have none.
 */
export function typesWithout(
  parameterTypes: readonly number[],
  guards: readonly WriteGuard[],
  writeBack: ReadonlySet<number>,
): readonly number[] {
  if (writeBack.size === 0) return parameterTypes;
  const types = [...parameterTypes];
  for (const { parameter, typeOid } of guards) {
    if (!writeBack.has(parameter)) continue;
    while (types.length < parameter) types.push(0);
    if (types[parameter - 1] === 0) types[parameter - 1] = typeOid;
  }
  return types;
}

/** What becomes of a Bind. */
export type BoundStep =
  | { readonly kind: 'bound'; readonly bytes: Buffer; readonly statement: PreparedStatement }
  | { readonly kind: 'refused'; readonly denial: Denial };

/** Applies the rules to a Bind: spends the budget and appends the agent's own parameters. */
export function bindWithRules(
  session: SessionContext,
  statement: PreparedStatement,
  frame: { readonly bytes: Buffer; readonly bound: Bind },
): BoundStep {
  const { bound } = frame;
  const spent = spendMatches(session, statement.verdict, { bound, types: statement.parameterTypes });
  if (spent.kind === 'refused') return spent;
  const counted = { ...statement, verdict: spent.verdict };
  const { parameters } = statement.verdict;
  if (parameters.length === 0) return { kind: 'bound', bytes: frame.bytes, statement: counted };
  const own = ownValues(session, parameters);
  if (own === null) return { kind: 'refused', denial: noKeyDenial };
  const bytes = encodeBind({
    ...bound,
    parameterFormats: [...formatsOf(bound), ...own.map(() => binary)],
    parameters: [...bound.parameters, ...own],
  });
  return { kind: 'bound', bytes, statement: counted };
}

const binary = 1;

/** The values of the agent's parameters in their order; null without a key. */
export function ownValues(
  { values }: SessionContext,
  parameters: readonly OwnParameter[],
): readonly Buffer[] | null {
  const pads = values.pseudonymPads()?.reveal() ?? null;
  if (pads === null) return null;
  const ordered = parameters.toSorted((left, right) => left.number - right.number);
  return ordered.map(({ kind }) => (kind === 'pseudonym-inner' ? pads.inner : pads.outer));
}

/** One format for each parameter, as the short forms of Bind mean it. */
function formatsOf({ parameterFormats, parameters }: Bind): readonly number[] {
  if (parameterFormats.length === parameters.length) return parameterFormats;
  // any other count is the server's to refuse
  if (parameterFormats.length > 1) return parameterFormats;
  return parameters.map(() => parameterFormats[0] ?? 0);
}

/** The key went away between two messages. */
export const noKeyDenial: Denial = plainDenial({
  sqlstate: '55000',
  message: 'pseudonyms cannot be computed now',
  rule: 'pseudonym-key',
  hint: 'Run the statement again.',
});

/** A client that declares parameters which its statement does not have leaves no number free for the agent's. */
export const declaredTooManyDenial: Denial = plainDenial({
  sqlstate: '0A000',
  message: 'the statement declares more parameters than it uses, and shows pseudonyms',
  rule: 'pseudonym-parameters',
  hint: 'Declare types for the parameters of the statement only.',
});
