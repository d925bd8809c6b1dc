/**
 * The first look at an address that a person wrote: whether a control plane answers there, and if not, which of the few
 * causes it is. Nothing of the person or the device is sent.
 */
import type { Reach } from '../../ipc/schema.ts';
import { readControlPlaneUrl } from './control-plane-url.ts';

const timeoutMs = 5_000;
/** The answer of a control plane has some twenty bytes. */
const maxAnswerBytes = 1_024;

type Failed = Extract<Reach, { kind: 'failed' }>;

const causes: Readonly<Record<string, Failed['cause']>> = {
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  ERR_SSL_WRONG_VERSION_NUMBER: 'other-server',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'other-server',
};
const certificateCode = /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED)/;

export interface ReachOptions {
  readonly fetch: typeof fetch;
  readonly now: () => number;
}

/** Never fails: what went wrong is the answer. INVALID_INPUT only for an address that is none. */
export async function reachControlPlane(address: string, options: ReachOptions): Promise<Reach> {
  const url = new URL('/health', readControlPlaneUrl(address));
  try {
    const response = await options.fetch(url, {
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const isControlPlane = response.ok && (await isHealth(response));
    if (!isControlPlane) return failed('other-server', url);
    const date = Date.parse(response.headers.get('date') ?? '');
    return {
      kind: 'reached',
      clockSkewMs: Number.isNaN(date) ? null : Math.abs(options.now() - date),
    };
  } catch (thrown) {
    return failed(causeOf(thrown), url);
  }
}

async function isHealth(response: Response): Promise<boolean> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > maxAnswerBytes) return false;
  }
  return /^\{"status":"healthy"\}\s*$/.test(text);
}

/** The system's code is on the error, or on one that it was caused by (fetch wraps twice where a name has two addresses). */
function causeOf(thrown: unknown): Failed['cause'] {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; depth += 1) {
    if (error.name === 'TimeoutError') return 'timeout';
    const code = (error as { readonly code?: unknown }).code;
    if (typeof code === 'string') {
      const known = causes[code] ?? (certificateCode.test(code) ? 'certificate' : undefined);
      if (known !== undefined) return known;
    }
    const { cause } = error;
    error = error instanceof AggregateError ? error.errors[0] : cause;
  }
  return 'interrupted';
}

function failed(cause: Failed['cause'], { host, hostname }: URL): Failed {
  const [message, hint] = words[cause](hostname.slice(0, 253), host.slice(0, 260));
  return { kind: 'failed', cause, message, hint };
}

const words: Readonly<
  Record<Failed['cause'], (name: string, host: string) => readonly [message: string, hint: string]>
> = {
  name: (name) => [
    `There is no host named ${name}.`,
    'Look at how it is spelled. A name of your own network may need its VPN.',
  ],
  refused: (_, host) => [`Nothing answers at ${host}.`, 'Look at the port, and whether a VPN is needed.'],
  certificate: (name) => [
    `The certificate of ${name} is not one that this machine trusts.`,
    'Go no further until whoever runs it says why: somebody may be in between. The clock of this machine matters too.',
  ],
  timeout: (_, host) => [
    `${host} did not answer within five seconds.`,
    'The network may be slow, or a firewall may drop what is sent.',
  ],
  'other-server': (_, host) => [
    `${host} answers, but it is no control plane of DAAM.`,
    'Take the address from your invitation.',
  ],
  interrupted: (_, host) => [`The connection to ${host} broke off.`, 'Try again; look at the network.'],
};
