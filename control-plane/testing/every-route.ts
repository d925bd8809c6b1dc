import { randomUUID } from 'node:crypto';
import type { RouteContract } from '@daam/shared/api/route';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { WebSocket } from 'ws';
import { consoleHeader } from '../console/session-caller.ts';
import { type ContractName, contracts } from '../http/contracts.ts';
import { type SecurityRow, securityTable } from '../http/routes.ts';
import { enrollBy, inviteByCommand, signIn, TestBrowser } from './browser.ts';
import type { TestControlPlane } from './start.ts';

/** Calls any route of the table as anybody, whatever the body: for tests that go through all of them. */
export interface Credential {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** A browser's session. */
  readonly cookie?: string;
  /** The session acts as the console, which says so in a header. */
  readonly isConsole?: boolean;
}

export interface RouteAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
  /** Of an answer that is an error. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface RouteCall {
  /** What stands for `:name` in the path; a random id where nothing is given. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Our own unless told. */
  readonly origin?: string;
}

export const routeNames = Object.keys(securityTable) as ContractName[];

export function contractOf(name: ContractName): RouteContract {
  return contracts[name];
}

export function securityOf(name: ContractName): SecurityRow {
  return securityTable[name];
}

/** The names of a path's parameters. */
export function paramsOf(path: string): readonly string[] {
  return [...path.matchAll(/:([a-zA-Z]+)/g)].map(([, name = '']) => name);
}

/** The path with values in it. */
export function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:([a-zA-Z]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? randomUUID()));
}

/** One call. The feed of agents is a WebSocket: its answer is that of the upgrade. */
export async function callRoute(
  plane: TestControlPlane,
  name: ContractName,
  credential: Credential,
  call: RouteCall = {},
): Promise<RouteAnswer> {
  const contract = contractOf(name);
  const path = fillPath(contract.path, call.params ?? {});
  const query = new URLSearchParams(call.query ?? {}).toString();
  const url = query === '' ? path : `${path}?${query}`;
  if (contract.status === 101) return await upgrade(plane, url, credential);
  const response = await plane.send(url, {
    method: contract.method,
    redirect: 'manual',
    headers: {
      origin: call.origin ?? new URL(plane.controlPlane.url).origin,
      ...headersOf(credential),
      ...(contract.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(contract.body === undefined ? {} : { body: JSON.stringify(call.body ?? {}) }),
  });
  const text = await response.text();
  const mediaType = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
  return { status: response.status, mediaType, text, error: errorOf(text) };
}

function headersOf({ token, cookie, isConsole = false }: Credential): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(isConsole ? { [consoleHeader]: '1' } : {}),
  };
}

function errorOf(text: string): RouteAnswer['error'] {
  try {
    const { error } = JSON.parse(text) as { error?: { code: string; message: string } };
    return error ?? null;
  } catch {
    return null;
  }
}

async function upgrade(plane: TestControlPlane, path: string, credential: Credential): Promise<RouteAnswer> {
  const url = new URL(path, plane.controlPlane.url);
  url.protocol = 'ws:';
  url.hostname = '127.0.0.1';
  const socket = new WebSocket(url, { headers: headersOf(credential) });
  const status = await new Promise<number>((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
  socket.terminate();
  return { status, mediaType: '', text: '', error: null };
}

/** A browser that is signed in as somebody, by a passkey that is made for this: its cookie. */
export async function browserOf(plane: TestControlPlane, email: string): Promise<string> {
  const browser = new TestBrowser(plane);
  const authenticator = new FakeAuthenticator();
  await enrollBy(browser, await inviteByCommand(plane, email, Date.now()), authenticator);
  await signIn(browser, authenticator);
  if (browser.cookie === null) throw new Error('no session');
  return browser.cookie;
}
