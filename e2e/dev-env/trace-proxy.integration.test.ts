import { once } from 'node:events';
import { connect } from 'node:net';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { encodeSslRequest } from '@daam/shared/pgwire/ssl-request';
import { encodeStartup } from '@daam/shared/pgwire/startup';
import { encodeTerminate } from '@daam/shared/pgwire/terminate';
import { message } from '@daam/shared/testing/byte-builder';
import { startFakePostgres } from '@daam/shared/testing/fake-postgres';
import { greeting } from '@daam/shared/testing/fake-postgres-greeting';
import { describe, expect, it } from 'vitest';
import { startTraceProxy } from './trace-proxy.ts';

const startup = encodeStartup({
  protocol: { major: 3, minor: 0 },
  parameters: new Map([['user', 'canary-user']]),
});
const query = encodeQuery({ sql: "select 'canary-value'" });

/** Sends the bytes through the proxy to a server that greets and then waits; returns the printed lines and the answer. */
async function pass(bytes: Buffer, showValues: boolean): Promise<{ lines: string[]; answer: Buffer }> {
  const lines: string[] = [];
  await using server = await startFakePostgres({
    serve: async (peer) => {
      await peer.startup();
      peer.send(greeting());
      for (;;) await peer.next();
    },
  });
  const target = { host: server.host, port: server.port };
  await using proxy = await startTraceProxy({
    port: 0,
    target,
    showValues,
    print: (line) => lines.push(line),
  });
  const client = connect(proxy.port, '127.0.0.1');
  const answers: Buffer[] = [];
  client.on('data', (chunk: Buffer) => answers.push(chunk));
  client.end(bytes);
  await once(client, 'close');
  return { lines, answer: Buffer.concat(answers) };
}

describe('startTraceProxy', () => {
  it('prints a line a message, passes the bytes on and hides values', async () => {
    const { lines, answer } = await pass(
      Buffer.concat([encodeSslRequest(), startup, query, encodeTerminate()]),
      false,
    );
    expect(answer).toEqual(Buffer.concat([Buffer.from('N'), greeting()]));
    expect(lines.filter((line) => line.includes(' F '))).toEqual([
      '#1 F SSLRequest',
      '#1 F StartupMessage protocol=3.0 "user"=<11 bytes>',
      '#1 F Query sql=SELECT <21 bytes>',
      '#1 F Terminate',
    ]);
    expect(lines.filter((line) => line.includes(' B ')).at(-1)).toBe('#1 B ReadyForQuery idle');
    expect(lines.join('\n')).not.toContain('canary');
  });

  it('shows values when it is asked to', async () => {
    const { lines } = await pass(Buffer.concat([startup, query, encodeTerminate()]), true);
    expect(lines.join('\n')).toContain('canary-value');
  });

  it('closes a connection that it cannot follow, and says so', async () => {
    const { lines } = await pass(Buffer.concat([startup, message('!')]), false);
    expect(lines).toContain('#1 closed: PROTOCOL_VIOLATION');
  });
});
