import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../requests/request-row.ts';
import { type MailMessage, messageAbout, oneLine } from './message.ts';
import { renderMail } from './render-mail.ts';

const actor = { kind: 'user', id: null, label: 'ada@example.com' };
const url = 'https://daam.example.com';

function mailOf(label: string, further: Partial<MailMessage> = {}) {
  const target = { kind: 'group', id: null, label };
  const event = { type: 'group.created', actor, target, detail: {} };
  const message = messageAbout(event, { reason: 'subscribed', request: null, at: 0 });
  return renderMail({ ...message, ...further }, { url, reason: 'subscribed' });
}

describe('a message', () => {
  it('says what happened, who did it and when, as text and as HTML', () => {
    const { subject, text, html } = mailOf('support');
    expect(subject).toBe('[DAAM] group.created: support');
    for (const said of ['support', 'ada@example.com', '1970-01-01T00:00:00.000Z', url]) {
      expect(text).toContain(said);
      expect(html).toContain(said);
    }
  });

  it('escapes whatever stands in names', () => {
    const { html } = mailOf(`<img src=x onerror="alert(1)">'&`);
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;');
  });

  it('has no line break in its subject, and one line for each fact', () => {
    const { subject, text } = mailOf('a\r\nBcc: eve@example.com\u2028b\u0000c');
    expect(subject).toBe('[DAAM] group.created: a Bcc: eve@example.com b c');
    expect(text.split('\n').filter((line) => line.startsWith('Bcc'))).toEqual([]);
  });

  it('is cut where it would be endless', () => {
    expect(oneLine('x'.repeat(10_000))).toHaveLength(200);
    expect(mailOf('x'.repeat(10_000)).subject.length).toBeLessThan(220);
  });

  it('tells the owner of an account what to do when it was not them', () => {
    const event = {
      type: 'passkey.registered',
      actor,
      target: { kind: 'passkey', id: null, label: 'Laptop' },
      detail: {},
    };
    const message = messageAbout(event, { reason: 'account', request: null, at: 0 });
    const { subject, text } = renderMail(message, { url, reason: 'account' });
    expect(subject).toBe('[DAAM] A passkey was added to your account');
    expect(text).toContain('tell an administrator');
  });

  it('has no names that whoever asks for access made up, and counts them', () => {
    const words = 'Your account is locked, call 555-0100';
    const terms = {
      policy: null,
      access: {
        tables: [
          { table: 'public.payments', operations: ['select' as const], columns: ['id', 'amount'] },
          { table: `"${words}".t`, operations: ['select' as const] },
          { table: 'public.customers', operations: ['select' as const], columns: ['id', words] },
          { table: 'https://evil.example/x', operations: ['select' as const] },
        ],
        unmask: [{ column: `public.t."${words}"`, to: 'none' as const }],
        masks: [{ column: `public.t."${words}"`, preset: 'redact' as const }],
      },
      minutes: 60,
      startAt: null,
    };
    const person = { id: 'd', email: 'dev@example.com' };
    const request = {
      id: 'r',
      requester: person,
      database: { id: 's', name: 'shop' },
      granted: terms,
      startsAt: null,
      endsAt: null,
      emergency: false,
    } as unknown as AccessRequest;
    const target = { kind: 'request', id: 'r', label: 'dev@example.com on shop' };
    const event = { type: 'request.created', actor, target, detail: {} };
    const { text, html, subject } = renderMail(messageAbout(event, { reason: 'inbox', request, at: 0 }), {
      url,
      reason: 'inbox',
    });
    expect(text).toContain('select on public.payments (id, amount)');
    expect(text).toContain('5 more, with names that are not sent by mail');
    for (const part of [text, html, subject]) {
      expect(part).not.toContain('locked');
      expect(part).not.toContain('evil');
    }
  });

  it('has the name of a device for its owner alone', () => {
    const target = { kind: 'device', id: null, label: 'Call 555-0100 now' };
    const event = { type: 'device.registered', actor, target, detail: {} };
    const textFor = (reason: 'account' | 'subscribed') =>
      JSON.stringify(messageAbout(event, { reason, request: null, at: 0 }));
    expect(textFor('account')).toContain('Call 555-0100');
    expect(textFor('subscribed')).not.toContain('555');
    expect(textFor('subscribed')).toContain('a device');
  });
});
