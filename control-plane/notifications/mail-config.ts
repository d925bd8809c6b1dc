import type { Secret } from '@daam/shared/base/secret';
import { z } from 'zod';

/** How mail goes out. */
export interface MailConfig {
  readonly host: string;
  readonly port: number;
  /** `starttls` refuses a server that does not offer it; `none` is for a server on this machine alone. */
  readonly security: 'starttls' | 'tls' | 'none';
  readonly login: { readonly user: string; readonly password: Secret } | null;
  /** The sender: an address, perhaps with a name before it. */
  readonly from: string;
  /** PEM of the authority of a server that no public one knows. */
  readonly ca: string | null;
}

const port = z.coerce.number().int().min(1).max(65_535);

/** `DAAM <daam@example.com>` or `daam@example.com`; nothing that could begin another header. */
const sender = z
  .string()
  .max(320)
  .regex(/^(?:[^\p{Cc}<>"@,;:]{1,64} <[^\s<>@]{1,64}@[^\s<>@]{1,255}>|[^\s<>@]{1,64}@[^\s<>@]{1,255})$/u);

export const mailSettings = z.strictObject({
  host: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9.:-]+$/)
    .optional(),
  port: port.optional(),
  security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
  user: z.string().min(1).max(320).optional(),
  password: z.string().min(1).optional(),
  password_file: z.string().min(1).optional(),
  from: sender.optional(),
  ca_file: z.string().min(1).optional(),
});

/** What the rest of the configuration lends for reading secrets and files, and for saying what is wrong. */
export interface SettingsReader {
  secret(key: string, given: { value: string | undefined; file: string | undefined }): Secret;
  file(key: string, path: string): string;
  invalid(field: string, reason: string): Error;
}

/** Null where no mail server is named. Throws INVALID_CONFIG. */
export function resolveMail(
  settings: z.output<typeof mailSettings>,
  reader: SettingsReader,
): MailConfig | null {
  const { host, security, user, password, password_file: file, from, ca_file: ca } = settings;
  if (host === undefined) return null;
  if (from === undefined) throw reader.invalid('mail.from', 'is missing');
  if (security === 'none' && !isThisMachine(host)) {
    throw reader.invalid('mail.security', 'may be none for a server on this machine only');
  }
  return {
    host,
    port: settings.port ?? (security === 'tls' ? 465 : 587),
    security,
    login:
      user === undefined
        ? null
        : { user, password: reader.secret('mail.password', { value: password, file }) },
    from,
    ca: ca === undefined ? null : reader.file('mail.ca_file', ca),
  };
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}
