import { addressBlock } from '@daam/shared/base/address-block';
import type { Clock } from '@daam/shared/base/clock';
import { AppError } from '@daam/shared/errors/app-error';
import { authenticateConsole } from '../console/session-caller.ts';
import type { Store } from '../db/store.ts';
import type { Site } from '../identity/site.ts';
import { authenticateAgent, authenticatePerson, bearerToken } from './authenticate.ts';
import { personInBrowser } from './browser-person.ts';
import type { AgentCaller, Person } from './call.ts';
import type { ContractName } from './contracts.ts';
import type { RateLimiter } from './rate-limit.ts';
import { scopeOf } from './service-scopes.ts';
import { type Authentication, type RequiredRole, securityTable } from './routes.ts';

export interface GuardDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly site: Pick<Site, 'origin' | 'url' | 'isHttps' | 'isDerived'>;
}

/** What a guard looks at; HTTP requests and WebSocket upgrades give the same. */
export interface Knock {
  readonly route: ContractName;
  /** The client's IP address. */
  readonly address: string;
  readonly authorization: string | undefined;
  /** Of a browser: the header `Origin`, and the session's cookie. */
  readonly origin?: string | undefined;
  readonly sessionToken?: string | null;
  /** Whether it says that it is the console's (console/session-caller.ts). */
  readonly isConsole?: boolean;
}

/** Too many calls: carries the seconds for Retry-After. */
export class RateLimitedError extends AppError {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('RATE_LIMITED', { hint: `Try again in ${retryAfterSeconds} s.` });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Everything that stands before a handler, in this order: address with too many failures, authentication,
 * rate, role. Returns who calls; null where the route asks for nobody.
 */
export async function admit(deps: GuardDeps, knock: Knock): Promise<Person | AgentCaller | null> {
  const [, , role, rate] = securityTable[knock.route];
  const caller = await authenticate(deps, knock);
  const key =
    caller === null ? addressBlock(knock.address) : caller.kind === 'user' ? caller.tokenId : caller.id;
  refuseWhile(deps.limiter.take(rate, key));
  if (!hasRole(caller, role)) throw new AppError('FORBIDDEN', { message: `This needs the role ${role}.` });
  if (caller?.kind === 'user') refuseOutsideScopes(caller, knock.route);
  return caller;
}

async function authenticate(deps: GuardDeps, knock: Knock): Promise<Person | AgentCaller | null> {
  const authentication = securityTable[knock.route][1];
  if (authentication === 'none') return null;
  const block = addressBlock(knock.address);
  // A visitor needs no session: their pages are bounded by their own rate, so that who fails can still sign in.
  if (authentication !== 'visitor') refuseWhile(deps.limiter.peek('failure', block));
  try {
    return await callerOf(deps, knock, authentication);
  } catch (error) {
    if (error instanceof AppError) refuseWhile(deps.limiter.take('failure', block));
    throw error;
  }
}

async function callerOf(
  deps: GuardDeps,
  knock: Knock,
  authentication: Exclude<Authentication, 'none'>,
): Promise<Person | AgentCaller | null> {
  if (authentication === 'visitor' || authentication === 'session') {
    return await authenticateBrowser(deps, knock, authentication);
  }
  if (authentication === 'person' && knock.isConsole === true && knock.authorization === undefined) {
    return await authenticateConsole(deps, knock);
  }
  const token = bearerToken(knock.authorization);
  return authentication === 'person'
    ? await authenticatePerson(deps, token)
    : await authenticateAgent(deps, token);
}

async function authenticateBrowser(
  deps: GuardDeps,
  knock: Knock,
  authentication: 'visitor' | 'session',
): Promise<Person | null> {
  const caller = await personInBrowser(deps, knock, 'this page');
  if (caller === null && authentication === 'session') {
    throw new AppError('UNAUTHENTICATED', {
      message: 'You are signed out.',
      hint: 'Reload the page to sign in.',
    });
  }
  return caller;
}

/** Service accounts do what their scopes name, and nothing that takes a person. */
function refuseOutsideScopes({ scopes }: Person, route: ContractName): void {
  if (scopes === undefined) return;
  const scope = scopeOf(route);
  if (scope === null || (scope !== 'none' && scopes.includes(scope))) return;
  throw new AppError('FORBIDDEN', {
    message: scope === 'none' ? 'This takes a person.' : `This needs the scope ${scope}.`,
  });
}

/** An administrator has every role of a person; an agent only its own. */
export function hasRole(caller: Person | AgentCaller | null, role: RequiredRole): boolean {
  if (role === 'anyone') return true;
  if (caller === null) return false;
  if (caller.kind === 'agent') return role === 'agent';
  if (role === 'agent') return false;
  return role === 'member' || caller.role === 'admin' || caller.role === role;
}

function refuseWhile(seconds: number): void {
  if (seconds > 0) throw new RateLimitedError(seconds);
}
