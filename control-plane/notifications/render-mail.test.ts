import { describe, expect, it } from 'vitest';
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
});
