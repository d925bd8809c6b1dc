import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { decodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { FrameReader } from '@daam/shared/pgwire/frame-reader';
import { backendType } from '@daam/shared/pgwire/message-types';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { selfSignedCertificate, type TestCertificate } from '@daam/shared/testing/self-signed-certificate';
import { unprivilegedUser } from '@daam/shared/testing/unprivileged-user';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendCancel } from './cancel.ts';
import { connectUpstream, type UpstreamConnection, type UpstreamOptions } from './connect.ts';
import { scramVerifier } from '@daam/shared/pgwire/scram-verifier';
import { readChunk } from './socket-read.ts';

const never = new AbortController().signal;

/** Runs a simple query and returns the types that came back and the SQLSTATE of an error. */
async function run(
  connection: UpstreamConnection,
  sql: string,
): Promise<{ types: string; code: string | null }> {
  const reader = new FrameReader({ side: 'backend', maxFrameBytes: 65_536 });
  connection.socket.write(encodeQuery({ sql }));
  let types = '';
  let code: string | null = null;
  for (;;) {
    for (let frame = reader.next(); frame !== null; frame = reader.next()) {
      types += String.fromCharCode(frame.type);
      if (frame.type === backendType.errorResponse) code = decodeErrorResponse(frame.body).code;
      if (frame.type === backendType.readyForQuery) return { types, code };
    }
    reader.push(await readChunk(connection.socket, never));
  }
}

describe.each([13, 18] as const)('connectUpstream to PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let options: UpstreamOptions;
  const password = new Secret(randomBytes(24).toString('base64url'));

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major });
    const admin = new Client({ connectionString: server.superuserDsn });
    await admin.connect();
    await admin.query(`CREATE ROLE someone LOGIN PASSWORD '${scramVerifier(password, randomBytes(16))}'`);
    await admin.query(`CREATE ROLE quick LOGIN PASSWORD '${scramVerifier(password, randomBytes(16), 1)}'`);
    await admin.end();
    options = {
      host: server.host,
      port: server.port,
      tls: 'prefer',
      user: 'someone',
      password,
      database: 'postgres',
      parameters: { application_name: 'a test', client_encoding: 'UTF8' },
      signal: never,
      timeoutMs: 10_000,
    };
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('signs in with SCRAM and a verifier that was made here', async () => {
    const connection = await connectUpstream(options);
    expect(connection.authentication).toBe('SCRAM-SHA-256');
    expect(connection.encrypted).toBe(false);
    expect(Number.parseInt(connection.serverVersion, 10)).toBe(major);
    expect(connection.parameters.get('application_name')).toBe('a test');
    expect(connection.parameters.get('client_encoding')).toBe('UTF8');
    expect(connection.leftover.length).toBe(0);
    expect(await run(connection, 'select 1')).toEqual({ types: 'TDCZ', code: null });
    connection.socket.destroy();
  });

  it('negotiates the newest protocol that the server speaks', async () => {
    const connection = await connectUpstream(options);
    expect(connection.protocol).toEqual({ major: 3, minor: major >= 18 ? 2 : 0 });
    expect(connection.key.secret.length).toBe(major >= 18 ? 32 : 4);
    connection.socket.destroy();
  });

  it('accepts a verifier of one iteration', async () => {
    const connection = await connectUpstream({ ...options, user: 'quick' });
    expect(connection.authentication).toBe('SCRAM-SHA-256');
    connection.socket.destroy();
  });

  it('interrupts a running statement', async () => {
    const connection = await connectUpstream(options);
    const running = run(connection, 'select pg_sleep(60)');
    const watcher = await connectUpstream({ ...options, parameters: { application_name: 'watcher' } });
    for (let state = ''; state !== 'TDCZ'; ) {
      const sleeping = `select 1 from pg_stat_activity where pid = ${connection.key.pid} and wait_event = 'PgSleep'`;
      state = (await run(watcher, sleeping)).types;
    }
    await sendCancel({ ...options, key: { ...connection.key, secret: Buffer.alloc(4) } });
    await sendCancel({ ...options, key: connection.key });
    expect((await running).code).toBe('57014');
    expect(await run(connection, 'select 1')).toEqual({ types: 'TDCZ', code: null });
    connection.socket.destroy();
    watcher.socket.destroy();
  });

  it('tells a wrong password, a missing database and a missing TLS apart', async () => {
    const wrong = connectUpstream({ ...options, password: new Secret('wrong') });
    expect(await codeOfAsync(wrong)).toBe('UPSTREAM_AUTH_FAILED');
    const missing = connectUpstream({ ...options, database: 'missing' });
    expect(await codeOfAsync(missing)).toBe('UPSTREAM_UNAVAILABLE');
    expect(await codeOfAsync(connectUpstream({ ...options, tls: 'require' }))).toBe('UPSTREAM_UNAVAILABLE');
  });
});

/** Files that the server may read: its key must be closed to others. */
function writeTlsFiles(certificate: TestCertificate): { folder: string; cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'daam-tls-'));
  const cert = join(folder, 'server.crt');
  const key = join(folder, 'server.key');
  chmodSync(folder, 0o755);
  writeFileSync(cert, certificate.certificate);
  writeFileSync(key, certificate.key, { mode: 0o600 });
  const user = unprivilegedUser();
  if (user !== null) chownSync(key, user.uid, user.gid);
  return { folder, cert, key };
}

describe.each([13, 18] as const)('connectUpstream over TLS to PostgreSQL %i', (major) => {
  const certificate = selfSignedCertificate('localhost');
  const files = writeTlsFiles(certificate);
  const password = new Secret(randomBytes(24).toString('base64url'));
  let server: EmbeddedPostgres;
  let options: UpstreamOptions;

  beforeAll(async () => {
    const settings = { ssl: true, ssl_cert_file: files.cert, ssl_key_file: files.key };
    server = await startEmbeddedPostgres({ major, settings });
    const admin = new Client({ connectionString: server.superuserDsn });
    await admin.connect();
    await admin.query(`CREATE ROLE someone LOGIN PASSWORD '${scramVerifier(password, randomBytes(16))}'`);
    await admin.end();
    options = {
      host: 'localhost',
      port: server.port,
      tls: 'verify-full',
      ca: certificate.certificate,
      user: 'someone',
      password,
      database: 'postgres',
      parameters: {},
      signal: never,
      timeoutMs: 10_000,
    };
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(files.folder, { recursive: true });
  });

  it.each(['prefer', 'require', 'verify-full'] as const)(
    'encrypts and binds SCRAM to the certificate under %s',
    async (tls) => {
      const connection = await connectUpstream({ ...options, tls });
      expect(connection.encrypted).toBe(true);
      expect(connection.authentication).toBe('SCRAM-SHA-256-PLUS');
      expect(await run(connection, 'select 1')).toEqual({ types: 'TDCZ', code: null });
      connection.socket.destroy();
    },
  );

  it('refuses a certificate of another CA', async () => {
    const other = selfSignedCertificate('localhost').certificate;
    expect(await codeOfAsync(connectUpstream({ ...options, ca: other }))).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('cancels over TLS', async () => {
    const connection = await connectUpstream(options);
    await sendCancel({ ...options, key: connection.key });
    expect(await run(connection, 'select 1')).toEqual({ types: 'TDCZ', code: null });
    connection.socket.destroy();
  });
});
