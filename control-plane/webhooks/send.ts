import { lookup as dnsLookup } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AllowedAddresses } from './addresses.ts';

/** Why an attempt was none, or did not count: words for the delivery log, never what the other side said. */
export type SendFailure =
  | 'address-refused'
  | 'plain-http'
  | 'dns-failed'
  | 'timeout'
  | 'tls-failed'
  | 'connection-failed'
  | 'redirect'
  | 'status';

export interface SendOutcome {
  readonly status: number | null;
  /** Null: delivered. */
  readonly failure: SendFailure | null;
}

/** All addresses of a host, in the order of preference. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface SendOptions {
  readonly allowed: AllowedAddresses;
  readonly resolve: Resolve;
  /** Milliseconds for the whole attempt. */
  readonly timeoutMs: number;
}

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Bytes of an answer that are read before it is cut off; what it says is not kept. */
const maxAnswerBytes = 64 * 1024;

/** The system's resolver. */
export const systemResolve: Resolve = async (host) =>
  (await dnsLookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

/**
 * One attempt. The host is resolved once, every address that it has must be allowed, and the connection goes to the
 * address that was looked at: a name that answers otherwise a moment later (DNS rebinding) changes nothing. No proxy,
 * no redirect, no cookie, no kept connection. Never rejects.
 */
export async function sendMessage(message: Message, options: SendOptions): Promise<SendOutcome> {
  const url = new URL(message.url);
  const signal = AbortSignal.timeout(options.timeoutMs);
  const address = await addressFor(url, options, signal);
  if (typeof address !== 'string') return address;
  const outcome = Promise.withResolvers<SendOutcome>();
  const request = open(url, { address, message, signal });
  request.once('error', (error: NodeJS.ErrnoException) => {
    outcome.resolve({ status: null, failure: signal.aborted ? 'timeout' : failureOf(error) });
  });
  request.once('response', (response) => {
    void drain(response).then((isWhole) => {
      if (!isWhole && signal.aborted) outcome.resolve({ status: null, failure: 'timeout' });
      else outcome.resolve(outcomeOf(response.statusCode ?? 0));
    });
  });
  request.end(message.body);
  try {
    return await outcome.promise;
  } finally {
    request.destroy();
  }
}

async function addressFor(
  url: URL,
  { allowed, resolve }: SendOptions,
  signal: AbortSignal,
): Promise<string | SendOutcome> {
  const host = hostOf(url);
  let addresses: readonly string[];
  try {
    addresses = isIP(host) === 0 ? await Promise.race([resolve(host), refusal(signal)]) : [host];
  } catch {
    return { status: null, failure: signal.aborted ? 'timeout' : 'dns-failed' };
  }
  const [first] = addresses;
  if (first === undefined) return { status: null, failure: 'dns-failed' };
  if (!addresses.every((address) => allowed.mayCall(address)))
    return { status: null, failure: 'address-refused' };
  const isPlain = url.protocol !== 'https:';
  if (isPlain && !addresses.every((address) => allowed.isNamed(address)))
    return { status: null, failure: 'plain-http' };
  return first;
}

/** The host of a URL without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

interface Opening {
  readonly address: string;
  readonly message: Message;
  readonly signal: AbortSignal;
}

function open(url: URL, { address, message, signal }: Opening): ClientRequest {
  const { headers, body } = message;
  const isTls = url.protocol === 'https:';
  return (isTls ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    agent: false,
    lookup: pinnedTo(address),
    signal,
    headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' },
  });
}

/** A lookup that knows one answer. */
function pinnedTo(address: string): LookupFunction {
  const family = isIP(address);
  return (_hostname, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

async function refusal(signal: AbortSignal): Promise<never> {
  return await new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

/** Reads an answer to its end, or to its ceiling. False: it broke off. */
async function drain(response: IncomingMessage): Promise<boolean> {
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > maxAnswerBytes) break;
    }
    return true;
  } catch {
    return false;
  }
}

function outcomeOf(status: number): SendOutcome {
  if (status >= 200 && status < 300) return { status, failure: null };
  return { status, failure: status >= 300 && status < 400 ? 'redirect' : 'status' };
}

function failureOf({ code = '' }: NodeJS.ErrnoException): SendFailure {
  const isTls = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code);
  return isTls || code === 'EPROTO' ? 'tls-failed' : 'connection-failed';
}
