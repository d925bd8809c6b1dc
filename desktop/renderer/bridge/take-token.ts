const storageKey = 'daam.bridge-token';

/** The parts of the browser that are used, so that a test can stand in for them. */
export interface TokenPlace {
  readonly location: { readonly hash: string; readonly pathname: string };
  readonly history: { replaceState(data: unknown, unused: string, url: string): void };
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
}

/**
 * The token from the page's fragment, which it removes from the address bar at once. It stays in this tab's own
 * storage so that a reload works; null when the page was opened without one.
 */
export function takeToken({ location, history, storage }: TokenPlace): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null || given === '') return storage.getItem(storageKey);
  history.replaceState(null, '', location.pathname);
  storage.setItem(storageKey, given);
  return given;
}
