import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { MailConfig } from './mail-config.ts';
import type { RenderedMail } from './render-mail.ts';

/** A message with its envelope. */
export interface OutgoingMail extends RenderedMail {
  readonly to: string;
  /** The same at every attempt, so that a mail program shows a message that came twice once. */
  readonly id: string;
}

/** How an attempt ended. `failure`: a word, never the server's text. */
export type MailOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'failed'; readonly failure: string; readonly isFinal: boolean };

/** A way to a mail server; dispose to close its connections. */
export interface MailTransport extends AsyncDisposable {
  send(mail: OutgoingMail): Promise<MailOutcome>;
}

/** SMTP by configuration. TLS 1.2 or later, its certificate verified, unless the server is on this machine. */
export function smtpTransport(config: MailConfig): MailTransport {
  const { host, port, security, login, from, ca } = config;
  const transport = createTransport({
    pool: true,
    maxConnections: 2,
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password.reveal() } }),
    tls: { minVersion: 'TLSv1.2', ...(ca === null ? {} : { ca }) },
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  const domain = /@([^>\s]+)>?$/.exec(from)?.[1] ?? 'localhost';
  return {
    send: async ({ to, id, subject, text, html }) => {
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
        return { kind: 'sent' };
      } catch (thrown) {
        return failureOf(thrown);
      }
    },
    [Symbol.asyncDispose]: async () => transport.close(),
  };
}

const smtpError = z.object({ code: z.string().optional(), responseCode: z.int().optional() });

/** 5xx of the server is its last word on this message (RFC 5321 section 4.2.1), unless it is about our login or TLS. */
function failureOf(thrown: unknown): MailOutcome {
  const { code, responseCode } = smtpError.safeParse(thrown).data ?? {};
  const word = code !== undefined && /^[A-Z]{3,20}$/.test(code) ? code.toLowerCase() : 'failed';
  const isRefusal = word === 'eenvelope' || word === 'emessage';
  const isFinal = isRefusal && responseCode !== undefined && responseCode >= 500;
  return { kind: 'failed', failure: responseCode === undefined ? word : `${word} ${responseCode}`, isFinal };
}
