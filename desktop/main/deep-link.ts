/**
 * `daam://…` addresses: anyone may make one and any program may open one. So a link can only ask for a screen to be
 * shown; it holds no SQL and no code, and what it names is looked up by the engine as this person. The one address of a
 * server that a link may hold fills the field of the first start, where the person reads it and goes on, or does not.
 */
import { controlPlaneAddress } from '../renderer/welcome/control-plane-address.ts';
import { targetSchema } from '../ipc/schema/account.ts';
import type { Target } from '../ipc/schema.ts';

/** Longer ones are not ours. Characters. */
const maxLength = 2_048;

/** The scheme that the system gives to the app. */
export const linkScheme = 'daam';

/**
 * Where a link leads: `daam://connect/<database>` (or `?db=`), `query?db=&saved=`, `request/<id>`, `review/<id>`,
 * `session/<id>`, `settings`, `join?at=<address>`. Null for everything else, also for one with parameters that it does not have.
 */
export function readDeepLink(link: string): Target | null {
  if (link.length > maxLength || !URL.canParse(link)) return null;
  const url = new URL(link);
  if (url.protocol !== `${linkScheme}:` || url.port !== '' || url.username !== '' || url.password !== '')
    return null;
  const segments = readSegments(url.pathname);
  if (segments === null || url.hash !== '') return null;
  const target = targetOf(url.hostname, segments, url.searchParams);
  if (target === null) return null;
  const parsed = targetSchema.safeParse(target);
  return parsed.success ? parsed.data : null;
}

/** The link among the words that a second start of the app was given (Linux, Windows); null when there is none. */
export function findDeepLink(words: readonly string[]): Target | null {
  const links = words.filter((word) => word.startsWith(`${linkScheme}:`));
  const [link] = links;
  return links.length === 1 && link !== undefined ? readDeepLink(link) : null;
}

function targetOf(host: string, segments: readonly string[], query: URLSearchParams): unknown {
  const names = [...query.keys()];
  const hasOnly = (...allowed: string[]): boolean =>
    names.every((name) => allowed.includes(name)) && new Set(names).size === names.length;
  const [first] = segments;
  const isBare = segments.length === 0;
  if (host === 'connect') {
    if (segments.length === 1 && hasOnly()) return { kind: 'database', id: first };
    return isBare && hasOnly('db') && query.has('db') ? { kind: 'database', id: query.get('db') } : null;
  }
  if (host === 'query' && isBare && hasOnly('db', 'saved'))
    return { kind: 'query', database: query.get('db'), saved: query.get('saved') };
  if (host === 'join' && isBare && hasOnly('at'))
    return { kind: 'join', controlPlane: controlPlaneAddress(query.get('at') ?? '') };
  if (host === 'settings' && isBare && hasOnly()) return { kind: 'settings' };
  const isOne = host === 'request' || host === 'review' || host === 'session';
  return isOne && segments.length === 1 && hasOnly() ? { kind: host, id: first } : null;
}

/** The decoded segments of a path; null when one is not well encoded or holds what no name holds. */
function readSegments(path: string): string[] | null {
  try {
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment));
    return segments.some((segment) => /\p{Cc}/u.test(segment)) ? null : segments;
  } catch {
    return null;
  }
}
