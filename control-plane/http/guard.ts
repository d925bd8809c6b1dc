import type { RouteName } from '@daam/shared/api/routes';
import type { Clock } from '@daam/shared/base/clock';
import { AppError } from '@daam/shared/errors/app-error';
import type { Store } from '../db/store.ts';
import { authenticateAgent, authenticatePerson, bearerToken } from './authenticate.ts';
import type { AgentCaller, Person } from './call.ts';
import type { RateLimiter } from './rate-limit.ts';
import { type RequiredRole, securityTable } from './routes.ts';

export interface GuardDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
}

/** What a guard looks at; HTTP requests and WebSocket upgrades give the same. */
export interface Knock {
  readonly route: RouteName;
  /** The client's IP address. */
  readonly address: string;
  readonly authorization: string | undefined;
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
  const key = caller === null ? knock.address : caller.kind === 'user' ? caller.tokenId : caller.id;
  refuseWhile(deps.limiter.take(rate, key));
  if (!hasRole(caller, role)) throw new AppError('FORBIDDEN', { message: `This needs the role ${role}.` });
  return caller;
}

async function authenticate(deps: GuardDeps, knock: Knock): Promise<Person | AgentCaller | null> {
  const authentication = securityTable[knock.route][1];
  if (authentication === 'none') return null;
  refuseWhile(deps.limiter.peek('failure', knock.address));
  const token = bearerToken(knock.authorization);
  try {
    return authentication === 'person'
      ? await authenticatePerson(deps, token)
      : await authenticateAgent(deps, token);
  } catch (error) {
    if (error instanceof AppError) deps.limiter.take('failure', knock.address);
    throw error;
  }
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
