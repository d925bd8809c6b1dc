import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A message as the server got it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Headers and body, as they came. */
  readonly raw: string;
  /** The text part, its transfer encoding undone. */
  readonly text: string;
  readonly isEncrypted: boolean;
  readonly user: string | null;
}

/** A mail server on loopback that keeps what it gets; for tests alone. */
export interface TestMailServer extends AsyncDisposable {
  readonly port: number;
  readonly received: ReceivedMail[];
  /** SMTP code of the answer to the next messages: 250, or a refusal. */
  answer: number;
}

/** Listens on a free port of 127.0.0.1. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<TestMailServer> {
  const received: ReceivedMail[] = [];
  const state = { answer: 250 };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ['STARTTLS'] : [],
    onAuth: ({ username, password }, _session, callback) =>
      password === 'right' ? callback(null, { user: username }) : callback(new Error('wrong password')),
    onRcptTo: (_address, _session, callback) =>
      state.answer === 250
        ? callback()
        : callback(
            Object.assign(new Error('not now, for user@secret.example'), { responseCode: state.answer }),
          ),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        received.push({
          from: addressOf(session.envelope.mailFrom),
          to: session.envelope.rcptTo.map(addressOf),
          subject: /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(raw)?.[1]?.replaceAll(/\r\n[ \t]+/g, ' ') ?? '',
          raw,
          text: textPart(raw),
          isEncrypted: session.secure,
          user: session.user === undefined ? null : String(session.user),
        });
        callback();
      });
    },
    ...options,
  });
  // A client that breaks off is no concern of the tests.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    received,
    get answer() {
      return state.answer;
    },
    set answer(code) {
      state.answer = code;
    },
    [Symbol.asyncDispose]: async () => await new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function addressOf(address: false | { readonly address: string }): string {
  return address === false ? '' : address.address;
}

function textPart(raw: string): string {
  const [, headers = '', body = ''] =
    /Content-Type: text\/plain([^]*?)\r\n\r\n([^]*?)\r\n----/.exec(raw) ?? [];
  if (/base64/i.test(headers)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(headers)) return body;
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
