import { AppError } from '@daam/shared/errors/app-error';

/**
 * Where the control plane is, as kept and shown: an origin without a path. Tokens travel to it, so anything but HTTPS
 * is refused, except to this machine itself.
 */
export function readControlPlaneUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const local = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && local);
  if (url === null || !secure || url.username !== '' || url.password !== '') {
    throw new AppError('INVALID_INPUT', {
      field: 'control-plane',
      message: 'The address of the control plane is not valid.',
      hint: 'Give it as https://host[:port]; plain http is for localhost only.',
    });
  }
  return url.origin;
}
