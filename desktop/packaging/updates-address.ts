import { AppError } from '@daam/shared/errors/app-error';

/** Where a build looks for updates, as electron-builder wants it; null: nowhere. An update is as good as the way it comes. */
export function updatesFrom(
  url: string | undefined,
): { readonly provider: 'generic'; readonly url: string } | null {
  if (url === undefined) return null;
  if (URL.canParse(url)) {
    const { protocol, username, password } = new URL(url);
    if (protocol === 'https:' && username === '' && password === '') return { provider: 'generic', url };
  }
  const message = 'Updates come from an https address without a password in it.';
  throw new AppError('INVALID_INPUT', { field: 'updates-url', message });
}
