import { createHmac } from 'node:crypto';
import { duplexPair } from 'node:stream';
import { Secret } from '@daam/shared/base/secret';
import { type Authentication, encodeAuthentication } from '@daam/shared/pgwire/authentication';
import { encodeReadyForQuery } from '@daam/shared/pgwire/ready-for-query';
import { passwordKeys } from '@daam/shared/pgwire/scram-verifier';
import { describe, expect, it } from 'vitest';
import { WireSession } from './wire-session.ts';

const password = new Secret('the password of the port');
const salt = Buffer.alloc(16, 7);
const iterations = 4_096;
const ready = encodeReadyForQuery('idle');
const letIn = Buffer.concat([encodeAuthentication({ kind: 'ok' }), ready]);

/** What a local port says: `next` waits for a message of the client. */
type Script = (say: (...messages: Buffer[]) => void, next: () => Promise<Buffer>) => Promise<void>;

async function openWith(script: Script, known: Secret | null): Promise<WireSession> {
  const [client, server] = duplexPair();
  const messages = server[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const next = async (): Promise<Buffer> => {
    const { value, done } = await messages.next();
    if (done === true) throw new Error('the client is gone');
    return value;
  };
  const serving = next().then(async () => {
    await script((...said) => void server.write(Buffer.concat(said)), next);
  });
  serving.catch(() => {});
  return await WireSession.open({
    dial: async () => await Promise.resolve(client),
    user: 'dev',
    database: 'shop',
    password: async () => await Promise.resolve(known),
    onNotice: () => {},
    onLost: () => {},
    signal: new AbortController().signal,
  });
}

const sasl = (kind: 'sasl-continue' | 'sasl-final', data: string): Buffer =>
  encodeAuthentication({ kind, data: Buffer.from(data) } satisfies Authentication);

/** SCRAM-SHA-256 as the sidecar speaks it, up to the final message, which `final` makes of the right signature. */
function scram(final: (signature: string) => Buffer): Script {
  return async (say, next) => {
    say(encodeAuthentication({ kind: 'sasl', mechanisms: ['SCRAM-SHA-256'] }));
    const bare = (await next()).toString('latin1').split('n,,').at(-1) ?? '';
    const nonce = `${bare.split('r=')[1] ?? ''}server`;
    const first = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;
    say(sasl('sasl-continue', first));
    const answer = (await next()).subarray(5).toString('latin1');
    const { serverKey } = passwordKeys(password, salt, iterations);
    const signed = `${bare},${first},${answer.slice(0, answer.lastIndexOf(',p='))}`;
    say(final(createHmac('sha256', serverKey).update(signed).digest('base64')), letIn);
  };
}

describe('a session of the app with its local port', () => {
  it('opens where the port asks for nothing, and there is no password', async () => {
    await using session = await openWith(async (say) => say(letIn), null);
    expect(session.transaction).toBe('idle');
  });

  it('opens where the port proves that it knows the password', async () => {
    await using session = await openWith(
      scram((signature) => sasl('sasl-final', `v=${signature}`)),
      password,
    );
    expect(session.lost).toBeNull();
  });

  it.each<[string, Script]>([
    ['asks for none', async (say) => say(letIn)],
    ['asks, and proves nothing', scram(() => Buffer.alloc(0))],
    ['proves another one', scram(() => sasl('sasl-final', `v=${Buffer.alloc(32).toString('base64')}`))],
  ])('does not open where there is a password and the port %s', async (_, script) => {
    await expect(openWith(script, password)).rejects.toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' });
  });

  it.each([null, password])('does not open by a port that never lets it in (password: %s)', async (known) => {
    await expect(openWith(async (say) => say(ready), known)).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
    });
  });
});
