import type { RequestView } from '@daam/shared/api/routes/requests';
import { describe, expect, it } from 'vitest';
import { requestTable, requestText } from './request-text.ts';

const person = { id: '00000000-0000-4000-8000-000000000001', email: 'dev@example.com' };
const terms = {
  policy: null,
  access: {
    tables: [{ table: 'public.payments', operations: ['select'], columns: ['id', 'total'] }],
    masks: [],
    unmask: [
      { column: 'public.customers.email', to: 'none' },
      { column: 'public.customers.phone', to: 'phone' },
    ],
  },
  minutes: 120,
  startAt: null,
};
const request: RequestView = {
  id: '1a2b3c4d-0000-4000-8000-000000000002',
  state: 'pending',
  requester: person,
  database: { id: person.id, name: 'shop' },
  asked: terms,
  granted: { ...terms, minutes: 30 },
  reason: 'a refund\n\u001b[2Jthat failed',
  ticket: null,
  emergency: false,
  extends: null,
  createdAt: '2030-01-01T00:00:00.000Z',
  pendingUntil: '2030-01-02T00:00:00.000Z',
  window: null,
  approval: {
    required: 2,
    given: [{ by: { ...person, email: 'ada@example.com' }, at: '2030-01-01T01:00:00.000Z', note: 'fine' }],
    approvers: { users: [], groups: [], admins: true },
    escalatesAt: null,
    mine: false,
  },
  ended: null,
  review: null,
};

describe('a request on the terminal', () => {
  it('says what was asked for, what is given, and who approved', () => {
    expect(requestText(request).split('\n')).toEqual([
      'request    1a2b3c4d-0000-4000-8000-000000000002',
      'state      pending',
      'database   shop',
      'who        dev@example.com',
      'asks for   select public.payments (id, total); unmask public.customers.email; public.customers.phone as phone, 2 h',
      'is given   select public.payments (id, total); unmask public.customers.email; public.customers.phone as phone, 30 min',
      'reason     a refund [2Jthat failed',
      'approvals  1 of 2',
      'approved   ada@example.com, 2030-01-01T01:00:00.000Z: fine',
      'lapses     2030-01-02T00:00:00.000Z',
    ]);
  });

  it('is a line in a list, without what could move the cursor', () => {
    const lines = requestTable([request]).split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^1a2b3c4d {2}pending/);
    expect(lines[1]).not.toContain('\u001b');
  });
});
