/** What a person is told when the connection broke under a statement. */
import type { Run, StatementState } from '../../ipc/schema.ts';

/** Connection exceptions (PostgreSQL docs, appendix A). A limit or an administrator ends a session with other codes. */
export function wasLost(run: Run, { state, error }: StatementState): boolean {
  return run.state === 'lost' && state === 'failed' && error?.sqlstate.startsWith('08') === true;
}

const name = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`;
const relation = `${name}(?:\\s*\\.\\s*${name})?`;
const deletion = new RegExp(
  String.raw`^\s*delete\s+from\s+(?:only\s+)?(${relation})\s+(where\b[\s\S]+)$`,
  'i',
);
const update = new RegExp(
  String.raw`^\s*update\s+(?:only\s+)?(${relation})\s+set\b[\s\S]*?\b(where\b[\s\S]+)$`,
  'i',
);
const insertion = new RegExp(String.raw`^\s*insert\s+into\s+(${relation})`, 'i');

/**
 * A statement that shows whether a write was applied, to be looked at before it is run; null when it cannot be made of the
 * text alone. It only reads, and the agent judges it like any other.
 */
export function checkOf(statement: string): string | null {
  const changed = deletion.exec(statement) ?? update.exec(statement);
  if (changed !== null) {
    const [, table = '', condition = ''] = changed;
    // More than one WHERE, or one inside of something: which is the statement's own cannot be told here.
    const isPlain = !/[()'$;]|--|\/\*|\bwhere\b[\s\S]*\bwhere\b|\breturning\b|\b(?:using|from)\b/i.test(
      condition,
    );
    const head = statement.slice(0, -condition.length);
    return isPlain && !/[('$]|\bset\b[\s\S]*\bfrom\b/i.test(head)
      ? `select * from ${table} ${condition.trim()}`
      : `select * from ${table} limit 100`;
  }
  const inserted = insertion.exec(statement);
  return inserted === null ? null : `select * from ${inserted[1] ?? ''} limit 100`;
}
