import type { Middleware } from 'koa';

/**
 * Headers of every answer (OWASP Secure Headers). Nothing here is meant to be framed, sniffed, cached or
 * read by another origin; there are no CORS headers at all, so browsers of other origins get nothing.
 */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cache-Control': 'no-store',
} as const;

/** Sets them; over https also Strict-Transport-Security. */
export function securityHeaders(site: { readonly isHttps: boolean }): Middleware {
  return async (context, next) => {
    context.set(headers);
    if (site.isHttps) context.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
    await next();
  };
}

/** Pages for people: our own style and script, and nothing inline. */
export const pageHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
} as const;
