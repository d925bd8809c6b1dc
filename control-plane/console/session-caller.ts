import { AppError } from '@daam/shared/errors/app-error';
import { systemScope } from '../db/scope.ts';
import type { Person } from '../http/call.ts';
import { type ContractName, contracts } from '../http/contracts.ts';
import type { Services } from '../services.ts';
import { personOfSession } from '../identity/web-sessions.ts';

/**
 * Names the console in a call to the API. A page of another origin cannot send it: a header of one's own makes the browser
 * ask first (CORS preflight), and nobody answers. So it stands against forged calls where `Origin` is not sent, which is GET.
 */
export const consoleHeader = 'daam-console';

/**
 * What a browser's session may not do, whoever it is: things that outlive it. A device, its certificate and tokens are made
 * by whoever holds a device's key or a token.
 */
const notForSessions: ReadonlySet<ContractName> = new Set<ContractName>([
  'registerDevice',
  'issueCertificate',
  'issueGrant',
  'createApiToken',
  'signOut',
]);

/** What is looked at of the console's call. */
export interface ConsoleCall {
  readonly route: ContractName;
  readonly origin?: string | undefined;
  readonly sessionToken?: string | null;
}

type Deps = Pick<Services, 'store' | 'clock'> & { readonly site: Pick<Services['site'], 'origin'> };

/** The person behind the console's call: UNAUTHENTICATED without a session, FORBIDDEN from elsewhere or for what it may not do. */
export async function authenticateConsole(deps: Deps, call: ConsoleCall): Promise<Person> {
  const isChange = contracts[call.route].method !== 'GET';
  if (isChange && call.origin !== deps.site.origin) {
    throw new AppError('FORBIDDEN', {
      message: `Open the console at ${deps.site.origin}.`,
      detail: 'cross-origin',
    });
  }
  const person = await personOfSession(
    systemScope(deps.store, 'authenticate'),
    call.sessionToken ?? null,
    deps.clock.now(),
  );
  if (person === null) {
    throw new AppError('UNAUTHENTICATED', {
      message: 'You are signed out.',
      hint: 'Sign in with your passkey.',
    });
  }
  if (notForSessions.has(call.route)) {
    throw new AppError('FORBIDDEN', {
      message: 'The console does not do this.',
      hint: 'Use the desktop app or the command line.',
    });
  }
  return person;
}
