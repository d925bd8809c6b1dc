import { AppError } from '@daam/shared/errors/app-error';
import { type BrowserCall, type BrowserDeps, personInBrowser } from '../http/browser-person.ts';
import type { Person } from '../http/call.ts';
import type { ContractName } from '../http/contracts.ts';

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

/** The person behind the console's call: UNAUTHENTICATED without a session, FORBIDDEN from elsewhere or for what it may not do. */
export async function authenticateConsole(deps: BrowserDeps, call: BrowserCall): Promise<Person> {
  const person = await personInBrowser(deps, call, 'the console');
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
