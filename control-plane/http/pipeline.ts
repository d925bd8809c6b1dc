import { randomUUID } from 'node:crypto';
import type { RouteContract } from '@daam/shared/api/route';
import type { Secret } from '@daam/shared/base/secret';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { Router, type RouterContext } from '@koa/router';
import Koa from 'koa';
import { changeOrganization, fromDriver, readSnapshot, type Scope } from '../db/scope.ts';
import type { Events } from '../events.ts';
import { sessionMs } from '../identity/web-sessions.ts';
import { errorPage } from '../pages/error-page.ts';
import { type ConsoleFiles, serveConsole } from '../console/console-files.ts';
import { consoleHeader } from '../console/session-caller.ts';
import { readJsonBody } from './body.ts';
import type { AgentCaller, Browser, HandledName, Handlers, Person } from './call.ts';
import { contracts } from './contracts.ts';
import { errorAnswer } from './error-answer.ts';
import { admit, type GuardDeps, RateLimitedError } from './guard.ts';
import { parsePart } from './input.ts';
import { securityTable } from './routes.ts';
import { pageHeaders, securityHeaders } from './security-headers.ts';
import { StreamedAnswer } from './streamed-answer.ts';

/**
 * From a request to a handler and back. Every route passes the same steps: request id, headers, guard
 * (http/guard.ts), parsing, transaction, handler, and the answer's schema.
 */
export interface PipelineDeps extends GuardDeps {
  readonly handlers: Handlers;
  readonly events: Events;
  readonly trustProxy: boolean;
  /** What `/console` answers; null: nothing. */
  readonly console: ConsoleFiles | null;
}

/** The Koa application with every route of the table. */
export function createPipeline(deps: PipelineDeps): Koa {
  const app = new Koa({ proxy: deps.trustProxy, maxIpsCount: 1 });
  app.silent = true;
  const router = new Router({ exclusive: false });
  for (const name of Object.keys(deps.handlers) as HandledName[]) {
    const contract: RouteContract = contracts[name];
    router.register(contract.path, [contract.method], async (context: RouterContext) => {
      context.state['route'] = name;
      await serve(deps, name, context);
    });
  }
  app.use(answerErrors(deps));
  app.use(securityHeaders(deps.site));
  if (deps.console !== null) app.use(serveConsole(deps.console));
  app.use(router.routes());
  app.use(() => {
    throw new AppError('NOT_FOUND', {
      message: 'There is no such route.',
      hint: 'See /api/v1/openapi.json.',
    });
  });
  return app;
}

function answerErrors(deps: PipelineDeps): Koa.Middleware {
  return async (context, next) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    context.state['requestId'] = requestId;
    context.set('X-Request-Id', requestId);
    try {
      await next();
    } catch (thrown) {
      const error = toAppError(fromDriver(thrown));
      context.status = error.entry.status;
      if (isPage(context)) {
        context.type = 'text/html';
        context.body = errorPage(error, requestId);
      } else context.body = errorAnswer(error, requestId);
      if (error instanceof RateLimitedError) context.set('Retry-After', String(error.retryAfterSeconds));
      if (error.entry.status === 401) context.set('WWW-Authenticate', 'Bearer');
      // What is left of a body that was refused would be read as the next request.
      if (!context.req.complete) context.set('Connection', 'close');
      deps.events.requestFailed({ requestId, route: routeOf(context) }, error);
    }
    const tookMs = Math.round(performance.now() - startedAt);
    deps.events.requestAnswered({ requestId, route: routeOf(context), status: context.status, tookMs });
  };
}

async function serve(deps: PipelineDeps, name: HandledName, context: RouterContext): Promise<void> {
  const contract: RouteContract = contracts[name];
  if (contract.mediaType === 'text/html') {
    context.set(pageHeaders);
    refuseLongQuery(context);
  }
  if (sendToOwnHost(deps, name, context)) return;
  const browser = browserOf(deps, context);
  const caller = await admit(deps, {
    route: name,
    address: context.ip,
    authorization: context.get('authorization') || undefined,
    origin: context.get('origin') || undefined,
    sessionToken: browser.sessionToken,
    isConsole: context.get(consoleHeader) === '1',
  });
  const call = {
    caller,
    params: parsePart('params', contract.params, context['params']),
    query: parsePart('query', contract.query, { ...context.query }),
    body: await readBody(name, contract, context),
    browser,
    requestId: String(context.state['requestId']),
  };
  const answer = await inTransaction(deps, { name, caller }, async (scope) => {
    const handler = deps.handlers[name] as (call: unknown) => Promise<unknown>;
    return await handler({ ...call, scope });
  });
  context.status = contract.status;
  if (answer instanceof StreamedAnswer) return sendStream(context, answer);
  if (contract.status === 204) context.body = null;
  else context.body = contract.response.parse(answer);
  context.type = contract.mediaType ?? 'application/json';
}

/** What our apps put into an address is shorter, and so is what a browser is sure to send. */
const maxQueryLength = 2_000;

function refuseLongQuery({ querystring }: RouterContext): void {
  if (querystring.length <= maxQueryLength) return;
  throw new AppError('INVALID_INPUT', {
    field: 'query',
    message: `The address has more than ${maxQueryLength} characters behind its question mark.`,
  });
}

/** What has begun cannot become an error: whoever reads notices that the connection breaks, and that no end came. */
function sendStream(context: RouterContext, { body, mediaType, fileName }: StreamedAnswer): void {
  context.attachment(fileName);
  context.type = mediaType;
  context.set('Cache-Control', 'no-store');
  body.once('error', () => context.res.destroy());
  context.body = body;
}

/** `__Host-` binds the cookie to this host, to https and to the whole path (RFC 6265bis section 4.1.3.2). */
function browserOf({ site }: PipelineDeps, context: RouterContext): Browser {
  const name = site.isHttps ? '__Host-daam_session' : 'daam_session';
  return {
    sessionToken: context.cookies.get(name) ?? null,
    setSession: (token: Secret | null) => {
      const lifetime = token === null ? 0 : Math.floor(sessionMs / 1000);
      const secure = site.isHttps ? '; Secure' : '';
      const attributes = `Path=/; Max-Age=${lifetime}; HttpOnly; SameSite=Lax${secure}`;
      context.append('Set-Cookie', `${name}=${token?.reveal() ?? ''}; ${attributes}`);
    },
  };
}

async function readBody(
  name: HandledName,
  contract: RouteContract,
  context: RouterContext,
): Promise<unknown> {
  if (contract.body === undefined) return null;
  const bodyKiB = securityTable[name][5];
  const part = name === 'appendAudit' ? 'audit' : 'body';
  return parsePart(part, contract.body, await readJsonBody(context.req, bodyKiB * 1024));
}

async function inTransaction<Result>(
  deps: PipelineDeps,
  { name, caller }: { readonly name: HandledName; readonly caller: Person | AgentCaller | null },
  work: (scope: Scope | null) => Promise<Result>,
): Promise<Result> {
  const kind = securityTable[name][4];
  if (kind === 'none' || kind === 'own') return await work(null);
  if (caller === null) throw new AppError('INTERNAL', { detail: `${name} has a transaction but no caller` });
  const run = kind === 'read' ? readSnapshot : changeOrganization;
  return await run(deps.store, caller.org, work);
}

/**
 * Without a public URL, people may come by another name of this machine, at which their passkeys do not work: the page is
 * opened by its own name. With one the proxy decides, and may well rewrite the host.
 */
function sendToOwnHost({ site }: PipelineDeps, name: HandledName, context: RouterContext): boolean {
  const isForPeople = securityTable[name][1] === 'visitor' && context.method === 'GET';
  if (!isForPeople || !site.isDerived || context.host === new URL(site.url).host) return false;
  context.redirect(`${site.url}${context.originalUrl}`);
  return true;
}

function isPage(context: Koa.Context): boolean {
  const name = routeOf(context);
  return name in contracts && contractOf(name as HandledName).mediaType === 'text/html';
}

function contractOf(name: HandledName): RouteContract {
  return contracts[name];
}

function routeOf(context: Koa.Context): string {
  const { route } = context.state as { route?: unknown };
  return typeof route === 'string' ? route : 'none';
}
