import { requestRoutes } from '@daam/shared/api/routes/requests';
import { describe, expect, it } from 'vitest';
import { bodyOf, draftOf, problemsOf } from './request-draft.ts';

const now = Date.parse('2030-01-15T09:41:00Z');
const reason = 'Checking the refunds of last week';

function prefill(changes: object) {
  return draftOf(
    {
      database: 'orders',
      table: 'sales.customers',
      column: null,
      isUnmask: false,
      statement: '',
      ...changes,
    },
    [],
  );
}

describe('the draft of a request', () => {
  it('asks for the table that was refused, and is one that the control plane takes', () => {
    const draft = { ...prefill({}), reason };
    expect(problemsOf(draft, now)).toEqual({});
    expect(requestRoutes.createRequest.body.parse(bodyOf(draft))).toMatchObject({
      database: 'orders',
      access: { tables: [{ table: 'sales.customers', operations: ['select'] }] },
      minutes: 60,
      reason,
    });
  });

  it('asks for the column that is masked, without its mask', () => {
    const draft = { ...prefill({ column: 'email', isUnmask: true }), reason };
    expect(bodyOf(draft)).toMatchObject({ access: { unmask: [{ column: 'sales.customers.email' }] } });
    expect(problemsOf(draft, now)).toEqual({});
  });

  it('carries the statement in the reason, without characters that a text for people cannot have', () => {
    const draft = { ...prefill({ statement: 'select 1;\u0007\nselect 2' }), reason };
    const body = requestRoutes.createRequest.body.parse(bodyOf(draft));
    expect(body.reason).toContain('Statement:\nselect 1; \nselect 2');
  });

  it('names each field that is wrong', () => {
    const draft = {
      ...prefill({ database: null, table: 'customers' }),
      startAt: '2020-01-01T00:00',
      minutes: 0,
    };
    expect(Object.keys(problemsOf(draft, now)).toSorted()).toEqual([
      'database',
      'minutes',
      'reason',
      'startAt',
      'tables',
    ]);
    expect(problemsOf({ ...draft, kind: 'policy' }, now)).toHaveProperty('policy');
    expect(problemsOf({ ...draft, kind: 'columns', columns: 'a.b' }, now)).toHaveProperty('columns');
  });

  it('takes the only database there is', () => {
    expect(draftOf(null, [{ name: 'orders' }]).database).toBe('orders');
    expect(draftOf(null, [{ name: 'orders' }, { name: 'billing' }]).database).toBe('');
  });
});
