import { describe, expect, it } from 'vitest';
import { filterDiagnostic, mayPassNotice } from './diagnostics.ts';

const leaky = {
  severity: 'ERROR',
  code: '23505',
  message: 'duplicate key value jane@example.com',
  detail: 'Key (email)=(jane@example.com) already exists.',
  hint: 'jane@example.com',
  where: 'jane@example.com',
  internalQuery: "select 'jane@example.com'",
  position: '7',
  schema: 'public',
  table: 'customers',
  constraint: 'customers_email_key',
};

describe('filterDiagnostic', () => {
  it('keeps code and names and nothing that could quote a value', () => {
    const filtered = filterDiagnostic(leaky, null);
    expect(JSON.stringify(filtered)).not.toContain('jane');
    expect(filtered).toEqual({
      severity: 'ERROR',
      code: '23505',
      message: 'unique violation',
      position: '7',
      schema: 'public',
      table: 'customers',
      constraint: 'customers_email_key',
    });
  });

  it('drops the position in a text that the client never wrote', () => {
    expect(filterDiagnostic(leaky, { rewritten: true }).position).toBeUndefined();
  });

  it('survives a code that no table knows', () => {
    expect(filterDiagnostic({ ...leaky, code: 'ZZ999' }, null).message).not.toContain('jane');
  });

  it('lets only WARNING and NOTICE through', () => {
    for (const severity of ['LOG', 'INFO', 'DEBUG'])
      expect(mayPassNotice({ ...leaky, severity })).toBe(false);
    expect(mayPassNotice({ ...leaky, severity: 'NOTICE' })).toBe(true);
  });
});
