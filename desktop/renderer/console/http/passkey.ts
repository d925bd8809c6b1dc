import { errorBody } from '@daam/shared/api/schemas';
import { AppError } from '@daam/shared/errors/app-error';

interface Begun {
  readonly flow: string;
  readonly publicKey: PublicKeyCredentialRequestOptionsJSON;
}

/**
 * Signs in to the control plane's pages with a passkey, in this browser (Web Authentication Level 3, section 5.1.4). Rejects with the
 * control plane's AppError, or CANCELLED when the person or the browser ended it.
 */
export async function signInWithPasskey(): Promise<void> {
  const begun = (await post('/auth/session/begin', {})) as Begun;
  await post('/auth/session/finish', { flow: begun.flow, credential: await touchPasskey(begun.publicKey) });
}

/** Ends the session of this browser. */
export async function endSession(): Promise<void> {
  await post('/auth/session/end', {});
}

/**
 * Has the passkey sign the publication that was prepared at this address of the control plane's pages, and makes it
 * (control-plane/pages/publication.ts). Rejects as `signInWithPasskey` does.
 */
export async function publishWithPasskey(url: string): Promise<{ readonly epoch: number }> {
  const flow = new URL(url).hash.slice(1);
  const { publicKey } = (await post('/publish/begin', { flow })) as Omit<Begun, 'flow'>;
  const credential = await touchPasskey(publicKey);
  return (await post('/publish/finish', { flow, credential })) as { readonly epoch: number };
}

async function touchPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    if (credential instanceof PublicKeyCredential) return credential.toJSON();
  } catch (cause) {
    throw new AppError('CANCELLED', { message: 'The passkey was not used.', hint: 'Try again.', cause });
  }
  throw new AppError('CANCELLED', { message: 'The passkey was not used.', hint: 'Try again.' });
}

async function post(path: string, body: unknown): Promise<unknown> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    redirect: 'error',
  } as const;
  const response = await fetch(path, { ...init, body: JSON.stringify(body) }).catch((cause: unknown) => {
    throw new AppError('CONTROL_PLANE_UNAVAILABLE', { cause });
  });
  const answer = (await response.json().catch(() => null)) as unknown;
  if (response.ok) return answer;
  const { data } = errorBody.safeParse(answer);
  if (data === undefined)
    throw new AppError('CONTROL_PLANE_UNAVAILABLE', { detail: `HTTP ${response.status}` });
  const { code, message, hint } = data.error;
  throw new AppError(code, hint === undefined ? { message } : { message, hint });
}
