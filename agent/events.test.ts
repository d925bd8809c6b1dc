import type { AuditEvent } from '@daam/shared/audit/events';
import { silentLogger } from '@daam/shared/base/logger';
import { codeOf } from '@daam/shared/testing/code-of';
import { describe, expect, it } from 'vitest';
import { Events } from './events.ts';
import type { PeerIdentity } from './tunnel/accept.ts';

describe('the record of a session’s end', () => {
  it('counts its statements, refused ones too, its rows and its bytes', () => {
    const appended: AuditEvent[] = [];
    const audit = { append: (event: AuditEvent) => appended.push(event), durable: () => Promise.resolve() };
    const queryLog = { enabled: false, redact: true };
    const events = new Events({ audit: () => audit, logger: silentLogger, queryLog });
    const peer = {
      user: 'u1',
      device: 'd1',
      email: 'dev@example.com',
      path: 'direct',
    } as unknown as PeerIdentity;
    const session = events.session({
      id: 's1',
      peer,
      application: null,
      database: 'shop',
      epoch: () => 1,
      policies: [],
    });
    session.opened();
    const verdict = {
      kind: 'deny',
      command: null,
      denial: { rule: 'r', sqlstate: '42501', table: null },
    } as never;
    for (const text of ['select 1', 'select 2', 'select 3'])
      session.statement({ text, protocol: 'simple', verdict });
    const masked = {
      kind: 'allow',
      statements: [{ command: 'SELECT', matches: [], tables: [{ masked: true }] }],
    } as never;
    session.statement({ text: 'select 4', protocol: 'simple', verdict: masked });
    const running = { seq: 2, startedAt: 0, rows: 5, tag: 'SELECT 5' };
    session.completed({ running: running as never, sqlstate: null });
    session.completed({ running: { ...running, tag: 'UPDATE 7', rows: 0 } as never, sqlstate: null });
    session.closed({ reason: 'client', durationMs: 12, bytesIn: 100, bytesOut: 2_000 });
    expect(appended.at(-1)).toEqual({
      kind: 'session.closed',
      bytesIn: 100,
      bytesOut: 2_000,
      durationMs: 12,
      masked: 1,
      reason: 'client',
      refused: 3,
      rows: 12,
      session: 's1',
      statements: 4,
      user: 'u1',
    });
  });
});

describe('the record of a start', () => {
  it('is refused while there is no log to hold it, so that no session opens before it', () => {
    const appended: AuditEvent[] = [];
    const audit = { append: (event: AuditEvent) => appended.push(event), durable: () => Promise.resolve() };
    let log: typeof audit | null = null;
    const queryLog = { enabled: false, redact: true };
    const events = new Events({ audit: () => log, logger: silentLogger, queryLog });
    expect(codeOf(() => events.started('0.1.0'))).toBe('AUDIT_UNAVAILABLE');
    log = audit;
    events.started('0.1.0');
    expect(appended).toEqual([{ kind: 'agent.started', version: '0.1.0' }]);
  });
});
