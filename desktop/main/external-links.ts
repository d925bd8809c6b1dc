import type { Shell } from 'electron';
import type { Logger } from '@daam/shared/base/logger';

/**
 * Opens pages in the system's browser: only of the control planes that the engine named, by https, or by http where
 * that is this machine (development). `openExternal` hands an address to the system, which starts whatever program is
 * registered for it: nothing else may get there.
 */
export class ExternalLinks {
  readonly #origins = new Set<string>();
  readonly #invitations = new Set<string>();
  readonly #shell: Pick<Shell, 'openExternal'>;
  readonly #logger: Logger;

  constructor(options: { readonly shell: Pick<Shell, 'openExternal'>; readonly logger: Logger }) {
    this.#shell = options.shell;
    this.#logger = options.logger;
  }

  /** From now on pages of this address' origin may be opened. An address that is not such a page changes nothing. */
  allow(url: string): void {
    const origin = webOrigin(url);
    if (origin !== null) this.#origins.add(origin);
  }

  /** The page of invitations of a control plane that nobody signed in to yet may be opened, and no other of its pages. */
  allowInvitations(url: string): void {
    const origin = webOrigin(url);
    if (origin !== null) this.#invitations.add(origin);
  }

  /** Opens it where that is allowed; says whether. Never fails. */
  open(url: string): boolean {
    const origin = webOrigin(url);
    if (origin === null || !this.#mayOpen(origin, url)) {
      this.#logger.warn({}, 'an address outside of the control plane was not opened');
      return false;
    }
    this.#shell.openExternal(new URL(url).href).catch(() => {});
    return true;
  }

  #mayOpen(origin: string, url: string): boolean {
    if (this.#origins.has(origin)) return true;
    const { pathname, search } = new URL(url);
    return this.#invitations.has(origin) && pathname === '/enroll' && search === '';
  }
}

/** The origin of a page that may be opened at all; null for every other kind of address. */
function webOrigin(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, origin, username, password } = new URL(url);
  if (username !== '' || password !== '') return null;
  if (protocol === 'https:') return origin;
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname) ? origin : null;
}
