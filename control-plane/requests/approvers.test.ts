import { requestSettings } from '@daam/shared/api/routes/requests';
import { describe, expect, it } from 'vitest';
import { type Decider, mayBreakGlass, mayDecide } from './approvers.ts';

const someone = (id: string, role: Decider['role'], groups: string[] = []): Decider => ({ id, role, groups });
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

describe('who may approve', () => {
  const approvers = { users: ['ada'], groups: ['security'], admins: true };
  const request = { requester: 'dev', approvers };

  it.each([
    ['a named person', someone('ada', 'member'), true],
    ['a member of a named group', someone('bob', 'member', ['other', 'security']), true],
    ['an administrator', someone('root', 'admin'), true],
    ['somebody else', someone('eve', 'member', ['other']), false],
    ['an auditor, named or not', someone('ada', 'auditor', ['security']), false],
    ['the requester, named or administrator', someone('dev', 'admin', ['security']), false],
  ])('%s: %s', (_, person, may) => {
    expect(mayDecide(person, request)).toBe(may);
  });

  it('is not an administrator where a rule leaves them out', () => {
    const strict = { requester: 'dev', approvers: { ...approvers, admins: false } };
    expect(mayDecide(someone('root', 'admin'), strict)).toBe(false);
    expect(mayDecide(someone('root', 'admin', ['security']), strict)).toBe(true);
  });
});

describe('who may break the glass', () => {
  const settings = (emergency: object) => requestSettings.parse({ emergency });

  it('is nobody until the organization allows it', () => {
    expect(mayBreakGlass(someone('dev', 'admin'), settings({}))).toBe(false);
    expect(mayBreakGlass(someone('dev', 'admin'), settings({ anyone: true }))).toBe(false);
    expect(mayBreakGlass(someone('dev', 'admin'), settings({ enabled: true }))).toBe(false);
  });

  it('is who is named, and no auditor', () => {
    const oncall = settings({ enabled: true, groups: [uuid(1)] });
    expect(mayBreakGlass(someone('dev', 'member', [uuid(1)]), oncall)).toBe(true);
    expect(mayBreakGlass(someone('dev', 'member', [uuid(2)]), oncall)).toBe(false);
    expect(mayBreakGlass(someone('dev', 'auditor', [uuid(1)]), oncall)).toBe(false);
    expect(mayBreakGlass(someone('dev', 'member'), settings({ enabled: true, anyone: true }))).toBe(true);
  });
});
