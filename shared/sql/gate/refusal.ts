import type { Denial } from '../verdict.ts';

/** What the code that refuses knows; the position comes as a byte offset and becomes a character position later. */
export interface RefusalReason {
  readonly rule: string;
  readonly message: string;
  /** Default 42501, insufficient_privilege. */
  readonly sqlstate?: string;
  readonly detail?: string | null;
  readonly hint?: string | null;
  readonly table?: { readonly schema: string; readonly name: string } | null;
  readonly offset?: number;
}

/**
 * Leaves the walk through a statement; never leaves the gate, which turns it into a `Denial`. It is
 * an exception only because a refusal may come from any depth of the tree.
 */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(reason.message);
    this.reason = reason;
  }
}

/** Refuses the statement. */
export function refuse(reason: RefusalReason): never {
  throw new Refusal(reason);
}

/** The denial that the client is told; `positionOf` maps byte offsets of the client's text. */
export function denialOf(reason: RefusalReason, positionOf: (offset: number) => number): Denial {
  return {
    sqlstate: reason.sqlstate ?? '42501',
    message: reason.message,
    detail: reason.detail ?? null,
    hint: reason.hint ?? null,
    rule: reason.rule,
    table: reason.table ?? null,
    position: reason.offset === undefined || reason.offset < 0 ? null : positionOf(reason.offset),
  };
}
