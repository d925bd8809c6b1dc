import { number, type TaggedNode } from '../ast/node.ts';
import { forEachChild } from '../ast/tree.ts';
import type { PseudonymReferences } from '../pseudonym.ts';
import type { OwnParameter } from '../verdict.ts';
import type { Context } from './context.ts';
import { refuse } from './refusal.ts';

/** Bind parameters that the agent adds: numbered behind the client's own, at most two in a statement. */

/** A Bind counts its parameters with 16 bits. */
const maxParameters = 65_535;

/** Whether pseudonyms may be computed in this statement. */
export function mayUseKey(context: Context): boolean {
  return context.input.access.keyed === true && !context.found.keyless;
}

/** The parameters that bring the key; noted at the first use. */
export function pseudonymKey(context: Context): PseudonymReferences {
  const { parameters } = context.found;
  if (parameters.length === 0) {
    const last = highestParameter(context.statement);
    if (last + 2 > maxParameters) {
      refuse({
        rule: 'pseudonym-parameters',
        sqlstate: '54023',
        message: 'the statement has too many parameters to show pseudonyms',
      });
    }
    parameters.push({ kind: 'pseudonym-inner', number: last + 1 });
    parameters.push({ kind: 'pseudonym-outer', number: last + 2 });
  }
  const of = (kind: OwnParameter['kind']): string =>
    `$${parameters.find((parameter) => parameter.kind === kind)?.number ?? 0}`;
  return { inner: of('pseudonym-inner'), outer: of('pseudonym-outer') };
}

/** The highest number of a parameter in the client's own statement; 0 when it has none. */
export function highestParameter(root: TaggedNode): number {
  let highest = root.tag === 'ParamRef' ? number(root.body, 'number') : 0;
  forEachChild(root, (child) => {
    highest = Math.max(highest, highestParameter(child));
  });
  return highest;
}
