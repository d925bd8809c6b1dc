import type { AuditEvent } from '@daam/shared/audit/events';

/** A statement's record, for tests. */
export function sampleStatement(text = 'select 1'): AuditEvent {
  return {
    kind: 'statement',
    command: 'SELECT',
    decision: 'allow',
    degraded: false,
    epoch: 1,
    matches: [],
    protocol: 'simple',
    rewritten: false,
    rule: null,
    session: 's1',
    sqlstate: null,
    tables: [],
    text,
    tier: 'either',
    truncated: false,
    user: '00000000-0000-4000-8000-000000000004',
  };
}

/** A session's end, for tests. */
export function sampleClosed(): AuditEvent {
  return {
    kind: 'session.closed',
    durationMs: 5,
    reason: 'client',
    session: 's1',
    user: '00000000-0000-4000-8000-000000000004',
  };
}
