import { encodeBind } from '@daam/shared/pgwire/bind';
import { encodeDescribe } from '@daam/shared/pgwire/describe';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeSync } from '@daam/shared/pgwire/sync';
import type { StatementPiece } from '@daam/shared/sql/verdict';
import type { SessionContext } from './context.ts';
import type { EntryDraft, Outbox } from './outbox.ts';
import type { RunningStatement } from './pending.ts';
import { ownValues } from './value-rules.ts';

const sync = encodeSync();

/**
 * A Query whose statements need parameters of the agent's own, run in the extended protocol: Parse, Bind,
 * Describe and Execute for each statement, then one Sync, which makes the same implicit transaction of them. The
 * client sees the answers of a Query: rows, tags, one ReadyForQuery (server-pump.ts drops the others). The unnamed
 * statement and portal are used, which a Query destroys anyway.
 */
export function runInPieces(
  parts: { readonly session: SessionContext; readonly outbox: Outbox },
  pieces: readonly StatementPiece[],
  running: RunningStatement,
): undefined {
  const { session, outbox } = parts;
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1;
    const values = ownValues(session, piece.parameters) ?? [];
    const entry = (kind: EntryDraft['kind']): EntryDraft => ({
      kind,
      running,
      touchesMasked: running.touchesMasked,
      rewritten: true,
      ofQuery: isLast ? 'last' : 'inner',
    });
    outbox.push(encodeParse({ name: '', sql: piece.sql, parameterTypes: [] }), entry('parse'));
    outbox.push(encodeBind(bindOf(values)), entry('bind'));
    outbox.push(encodeDescribe({ target: 'portal', name: '' }), entry('describe-portal'));
    outbox.push(encodeExecute({ portal: '', maxRows: 0 }), entry('execute'));
  }
  return outbox.push(sync, { kind: 'sync' });
}

function bindOf(values: readonly Buffer[]) {
  return {
    portal: '',
    statement: '',
    parameterFormats: values.map(() => 1),
    parameters: values,
    resultFormats: [],
  };
}
