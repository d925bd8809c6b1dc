import type { Person } from '../http/call.ts';
import type { PageParts } from './layout.ts';

/** Who is signed in, as the head of a page shows them. */
export function bannerPerson(caller: Person | null): PageParts['person'] {
  return caller === null ? null : { email: caller.email, isAdmin: caller.role === 'admin' };
}
