/**
 * The control plane's address from what a person types or pastes: a host, an address, an invitation's link. Plain HTTP
 * is for this machine only. Null when it is none.
 */
export function controlPlaneAddress(typed: string): string | null {
  const text = typed.trim();
  if (text === '' || text.length > 500) return null;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = URL.parse(hasScheme ? text : `https://${text}`);
  if (url === null || url.username !== '' || url.password !== '') return null;
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)) return url.origin;
  return null;
}

/** The page of an invitation, when that is what was pasted; its secret is in the fragment, and goes to the browser alone. */
export function invitationIn(typed: string): string | null {
  const origin = controlPlaneAddress(typed);
  const url = URL.parse(typed.trim());
  const isOne = url?.pathname === '/enroll' && /^#[A-Za-z0-9_-]{43}$/.test(url.hash);
  return origin === null || url === null || !isOne ? null : `${origin}/enroll${url.hash}`;
}
