import { html } from '../pages/html.ts';
import type { MailMessage } from './message.ts';
import type { MailReason } from './recipients.ts';

/** One message, as it goes to the mail server. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const reasons: Readonly<Record<MailReason, string>> = {
  mine: 'You get this because you asked for access. You can switch such messages off in your settings.',
  inbox: 'You get this because you may approve it. You can switch such messages off in your settings.',
  account:
    'You get this because it concerns your account. If this was not you, tell an administrator at once.',
  subscribed: 'You get this because you asked for messages about such events, in your settings.',
  test: 'You get this because you asked for a test message.',
};

/** Plain text and HTML of a message. Whatever was put into it is escaped; there is no image and nothing that tracks. */
export function renderMail(
  { title, facts, command }: MailMessage,
  { url, reason }: { readonly url: string; readonly reason: MailReason },
): RenderedMail {
  const width = Math.max(0, ...facts.map(([name]) => name.length)) + 2;
  const text = [
    title,
    '',
    ...facts.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`),
    '',
    ...(command === null ? [] : [`To see it: ${command}`]),
    url,
    '',
    reasons[reason],
    '',
  ].join('\n');
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${title}</title></head>
<body style="font-family:sans-serif;font-size:14px;line-height:1.5;margin:24px">
<h1 style="font-size:16px">${title}</h1>
<table role="presentation" cellpadding="0" cellspacing="0">${facts.map(
    ([name, value]) =>
      html`<tr><td style="padding:2px 16px 2px 0;vertical-align:top">${name}</td><td style="padding:2px 0">${value}</td></tr>`,
  )}</table>
${command === null ? null : html`<p>To see it: <code>${command}</code></p>`}
<p><a href="${url}">${url}</a></p>
<p style="font-size:12px">${reasons[reason]}</p>
</body></html>`;
  return { subject: `[DAAM] ${title}`, text, html: `${page.text}\n` };
}
