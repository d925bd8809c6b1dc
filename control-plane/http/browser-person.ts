import { AppError } from '@daam/shared/errors/app-error';
import { systemScope } from '../db/scope.ts';
import { personOfSession } from '../identity/web-sessions.ts';
import type { Services } from '../services.ts';
import type { Person } from './call.ts';
import { type ContractName, contracts } from './contracts.ts';

/** What is looked at of a browser's call. */
export interface BrowserCall {
  readonly route: ContractName;
  readonly origin?: string | undefined;
  readonly sessionToken?: string | null;
}

export type BrowserDeps = Pick<Services, 'store' | 'clock'> & {
  readonly site: Pick<Services['site'], 'origin'>;
};

/**
 * Who is signed in in the browser that calls; null for nobody. Pages of other origins may not act in that person's name:
 * whatever changes something says from where it was sent. Browsers add the header themselves, and no script can change it
 * (Fetch standard, forbidden request headers).
 */
export async function personInBrowser(
  { store, clock, site }: BrowserDeps,
  call: BrowserCall,
  place: 'this page' | 'the console',
): Promise<Person | null> {
  const changesSomething = contracts[call.route].method !== 'GET';
  if (changesSomething && call.origin !== site.origin) {
    throw new AppError('FORBIDDEN', { message: `Open ${place} at ${site.origin}.`, detail: 'cross-origin' });
  }
  return await personOfSession(systemScope(store, 'authenticate'), call.sessionToken ?? null, clock.now());
}
