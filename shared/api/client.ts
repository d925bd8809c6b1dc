import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';
import type { RouteContract, RouteRequest, RouteResponse } from './route.ts';
import { type ApiRoutes, apiRoutes, type RouteName } from './routes.ts';
import { errorBody } from './schemas.ts';

/** The parts of the Fetch API that the client uses; tests pass a function. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

export interface ClientOptions {
  /** Where the control plane is, without a path: `https://daam.example.com`. */
  readonly baseUrl: string;
  readonly fetch: FetchLike;
  /** The bearer token of the moment; null calls without one. */
  readonly token: () => string | null;
  /** Milliseconds for a whole call; 15,000 unless told. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

type CallableName = Exclude<RouteName, 'agentFeed' | 'getHome'>;
/** Of a route that streams: its bytes as they come. The caller reads them all or cancels. */
type Result<Name extends CallableName> = ApiRoutes[Name] extends { readonly streams: true }
  ? ReadableStream<Uint8Array>
  : RouteResponse<ApiRoutes[Name]>;
type Arguments<Name extends CallableName> =
  Partial<RouteRequest<ApiRoutes[Name]>> extends RouteRequest<ApiRoutes[Name]>
    ? [request?: RouteRequest<ApiRoutes[Name]>, options?: CallOptions]
    : [request: RouteRequest<ApiRoutes[Name]>, options?: CallOptions];

/** One method for each route: `client.issueGrant({ params: { database: 'shop' }, body: { certificateHash } })`. */
export type ApiClient = {
  readonly [Name in CallableName]: (...args: Arguments<Name>) => Promise<Result<Name>>;
};

/** Largest answer that the client reads, in bytes. */
const maxAnswerBytes = 32 * 1024 * 1024;

interface PlainRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
}

/**
 * A typed client. Failures are AppErrors: the server's own code, message, field and hint;
 * CONTROL_PLANE_UNAVAILABLE when there is no answer (or one that no control plane gives), TIMEOUT, CANCELLED.
 */
export function createClient(options: ClientOptions): ApiClient {
  const methods = Object.entries(apiRoutes).map(([name, contract]) => [
    name,
    (request: PlainRequest = {}, call: CallOptions = {}) =>
      (isStream(contract) ? openStream : callRoute)(options, contract, { ...request, ...call }),
  ]);
  return Object.fromEntries(methods) as ApiClient;
}

async function callRoute(
  options: ClientOptions,
  contract: RouteContract,
  request: PlainRequest & CallOptions,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 15_000);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  const init = initOf(options, contract, request, signal);
  const { status, text } = await exchange(
    options,
    urlOf(options.baseUrl, contract, request),
    init,
    request.signal,
  );
  if (status >= 400) throw errorOf(status, text);
  if (contract.status === 204) return undefined;
  const parsed = contract.response.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw unavailable(
    `unexpected answer to ${contract.method} ${contract.path}: ${z.prettifyError(parsed.error)}`,
  );
}

function isStream(contract: RouteContract): boolean {
  return contract.streams === true;
}

/** Of a stream, only its beginning has a time limit. */
async function openStream(
  options: ClientOptions,
  contract: RouteContract,
  request: PlainRequest & CallOptions,
): Promise<ReadableStream<Uint8Array>> {
  const opening = new AbortController();
  const timer = setTimeout(() => opening.abort(), options.timeoutMs ?? 15_000);
  const signal = request.signal ? AbortSignal.any([request.signal, opening.signal]) : opening.signal;
  try {
    const init = initOf(options, contract, request, signal);
    const response = await options.fetch(urlOf(options.baseUrl, contract, request), init);
    if (response.status >= 400) throw errorOf(response.status, await readBounded(response));
    if (response.body === null) throw unavailable('an answer without a body');
    return response.body;
  } catch (cause) {
    throw failureOf(cause, request.signal, opening.signal);
  } finally {
    clearTimeout(timer);
  }
}

function initOf(
  options: ClientOptions,
  contract: RouteContract,
  request: PlainRequest,
  signal: AbortSignal,
): RequestInit {
  const token = options.token();
  return {
    method: contract.method,
    headers: {
      accept: contract.mediaType ?? 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    redirect: 'error',
    signal,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  };
}

async function exchange(
  options: ClientOptions,
  url: string,
  init: RequestInit,
  callerSignal: AbortSignal | undefined,
): Promise<{ status: number; text: string }> {
  try {
    const response = await options.fetch(url, init);
    return { status: response.status, text: await readBounded(response) };
  } catch (cause) {
    throw failureOf(cause, callerSignal, init.signal ?? undefined);
  }
}

function failureOf(cause: unknown, caller: AbortSignal | undefined, own: AbortSignal | undefined): AppError {
  if (cause instanceof AppError) return cause;
  if (caller?.aborted) return new AppError('CANCELLED', { cause });
  if (own?.aborted) return new AppError('TIMEOUT', { cause });
  return new AppError('CONTROL_PLANE_UNAVAILABLE', { cause, hint: 'Check its address and the network.' });
}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxAnswerBytes)
      throw new AppError('TOO_LARGE', { message: 'The answer is larger than is allowed.' });
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function urlOf(baseUrl: string, contract: RouteContract, request: PlainRequest): string {
  const path = contract.path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = request.params?.[name];
    if (value === undefined || value === '') throw new AppError('INVALID_INPUT', { field: name });
    return encodeURIComponent(value);
  });
  const url = new URL(path, baseUrl);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

function errorOf(status: number, text: string): AppError {
  const parsed = errorBody.safeParse(parseJson(text));
  if (!parsed.success) return unavailable(`HTTP status ${status} without an error body`);
  const { code, message, field, hint, requestId } = parsed.data.error;
  return new AppError(code, {
    message,
    detail: `HTTP ${status}, request ${requestId}`,
    ...(field === undefined ? {} : { field }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function unavailable(detail: string): AppError {
  return new AppError('CONTROL_PLANE_UNAVAILABLE', { detail });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
