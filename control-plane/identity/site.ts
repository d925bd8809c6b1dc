import type { RelyingParty } from '@daam/shared/identity/passkey-proof';

/**
 * Where people reach the control plane: the origin of its pages, the relying party of their passkeys. Known for certain
 * once it listens.
 */
export class Site {
  readonly #publicUrl: string | null;
  #port = 0;
  #host = 'localhost';

  constructor(publicUrl: string | null) {
    this.#publicUrl = publicUrl;
  }

  /** Told when the server listens; a public URL wins over it. */
  listening({ host, port }: { readonly host: string; readonly port: number }): void {
    this.#host = hostInUrl(host);
    this.#port = port;
  }

  /** Without a slash at the end. */
  get url(): string {
    return this.#publicUrl ?? `http://${this.#host}:${this.#port}`;
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  get isHttps(): boolean {
    return this.url.startsWith('https:');
  }

  /** Whether the address is a guess: then a page may send people to the origin that passkeys work at. */
  get isDerived(): boolean {
    return this.#publicUrl === null;
  }

  /** Browsers make passkeys at https and at localhost alone, for names and never for addresses; null elsewhere. */
  get relyingParty(): RelyingParty | null {
    const { hostname, protocol, origin } = new URL(this.url);
    const isAddress = /^[0-9.]+$/.test(hostname) || hostname.startsWith('[');
    const isSecure = protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost');
    return isSecure && !isAddress ? { id: hostname, origins: [origin] } : null;
  }

  /** The audiences under which a device may prove its key: this origin; without a public URL also its loopback names. */
  get audiences(): readonly string[] {
    if (!this.isDerived) return [this.origin];
    const names = ['localhost', '127.0.0.1', '[::1]', this.#host];
    return names.map((name) => new URL(`http://${name}:${this.#port}`).origin);
  }
}

/** A browser treats `localhost` as a secure origin; 127.0.0.1 is refused as a relying party of passkeys. */
function hostInUrl(host: string): string {
  if (host === '127.0.0.1' || host === '0.0.0.0' || host === '::' || host === '::1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
