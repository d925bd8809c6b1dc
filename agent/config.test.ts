import { inspect } from 'node:util';
import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { type ConfigSource, loadConfig } from './config.ts';
import { configFields, variableName } from './config-sources.ts';

const dsn = 'postgres://daam:s3cr%40t@db.example.com:5433/shop?sslmode=verify-full';
const minimal = {
  DAAM_UPSTREAM_DSN: dsn,
  DAAM_CONTROL_PLANE_URL: 'https://daam.example.com',
};

const certificate = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
const privateKey = '-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n';

function source(
  options: { env?: Record<string, string>; files?: Record<string, string> } = {},
): ConfigSource {
  const files = options.files ?? {};
  return {
    argv: 'agent.yaml' in files ? ['--config', 'agent.yaml'] : [],
    env: options.env ?? minimal,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT ${path}`);
      return text;
    },
  };
}

function yaml(text: string, env: Record<string, string> = minimal): ConfigSource {
  return source({ env, files: { 'agent.yaml': text } });
}

function errorOf(from: ConfigSource): AppError {
  try {
    loadConfig(from);
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_CONFIG') return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('the agent configuration', () => {
  it('needs only the database and the control plane, and takes the documented defaults', () => {
    const config = loadConfig(source());
    expect(config).toMatchObject({
      listen: { host: '0.0.0.0', port: 6432 },
      upstream: {
        host: 'db.example.com',
        port: 5433,
        user: 'daam',
        database: 'shop',
        sslMode: 'verify-full',
        scope: null,
        elevation: true,
      },
      controlPlane: { url: 'https://daam.example.com', authToken: null },
      health: { enabled: true, host: '127.0.0.1', port: 8080 },
      logging: { level: 'info', queries: false, redactQueries: true },
    });
    expect(config.upstream.password.reveal()).toBe('s3cr@t');
  });

  it('reads every setting from YAML', () => {
    const text = `
listen: "[::1]:7000"
upstream: { host: other, port: 6000, dsn_file: /secret/dsn, scope: [public.*, sales.orders] }
control_plane:
  url: http://localhost:7400
  auth_token_file: /secret/token
  credential_path: /a
  policy_cache_path: /b
  audit_buffer_path: /c
listen_tls: { cert_file: /tls/cert, key_file: /tls/key }
wireguard:
  { enabled: true, listen_port: 51820, private_key_path: /d, sidecar_path: /e, path: direct,
    candidates: ["192.0.2.7:51820", "[2001:db8::7]:51820"] }
identity: { require_passkey_proof: always, new_users: approve }
health: { enabled: false, host: 0.0.0.0, port: 9000 }
logging: { level: debug, queries: true, redact_queries: false }
`;
    const config = loadConfig(
      source({
        env: { HTTPS_PROXY: 'http://proxy.example.com:3128', PGPASSWORD: 'secret' },
        files: {
          'agent.yaml': text,
          '/secret/dsn': `${dsn}\n`,
          '/secret/token': 'daam_reg_x\r\n',
          '/tls/cert': certificate,
          '/tls/key': privateKey,
        },
      }),
    );
    expect(config.listen).toEqual({ host: '::1', port: 7000 });
    expect(config.upstream).toMatchObject({ host: 'other', port: 6000, user: 'daam' });
    expect(config.upstream.scope).toEqual([
      { schema: 'public', table: '*' },
      { schema: 'sales', table: 'orders' },
    ]);
    expect(config.controlPlane.authToken?.reveal()).toBe('daam_reg_x');
    expect(config.controlPlane).toMatchObject({
      credentialPath: '/a',
      policyCachePath: '/b',
      auditBufferPath: '/c',
    });
    expect(config.listenTls?.certificate).toBe(certificate);
    expect(config.listenTls?.key.reveal()).toBe(privateKey);
    expect(config.wireguard).toEqual({
      enabled: true,
      listenPort: 51_820,
      privateKeyPath: '/d',
      sidecarPath: '/e',
      candidates: ['192.0.2.7:51820', '[2001:db8::7]:51820'],
      path: 'direct',
      environment: { HTTPS_PROXY: 'http://proxy.example.com:3128' },
    });
    expect(config.identity).toEqual({
      requirePasskeyProof: 'always',
      newUsers: 'approve',
      pinsPath: '/b.passkeys',
    });
    expect(config.health).toEqual({ enabled: false, host: '0.0.0.0', port: 9000 });
    expect(config.logging).toEqual({ level: 'debug', queries: true, redactQueries: false });
  });

  it('takes every setting from the environment too, over the file', () => {
    const values: Record<string, string> = {
      listen: '127.0.0.1:1',
      'upstream.host': 'h',
      'upstream.port': '2',
      'upstream.dsn': dsn,
      'upstream.elevation': 'false',
      'upstream.scope': 'public.*, sales.*',
      'upstream.refuse_on': 'critical, hba-trust',
      'control_plane.url': 'https://daam.example.com',
      'control_plane.auth_token': 't',
      'control_plane.credential_path': 'p1',
      'control_plane.policy_cache_path': 'p2',
      'control_plane.audit_buffer_path': 'p3',
      'wireguard.enabled': 'false',
      'wireguard.listen_port': '3',
      'wireguard.private_key_path': 'p4',
      'wireguard.sidecar_path': 'p5',
      'wireguard.candidates': '192.0.2.7:1, 192.0.2.8:2',
      'wireguard.path': 'relay',
      'identity.require_passkey_proof': 'never',
      'identity.new_users': 'approve',
      'health.enabled': 'false',
      'health.host': 'h2',
      'health.port': '4',
      'logging.level': 'error',
      'logging.queries': 'true',
      'logging.redact_queries': 'false',
    };
    const files = [
      'upstream.dsn_file',
      'control_plane.auth_token_file',
      'listen_tls.cert_file',
      'listen_tls.key_file',
    ];
    const covered = [...Object.keys(values), ...files];
    expect(covered.sort()).toEqual(Object.keys(configFields).sort());
    const env = Object.fromEntries(
      Object.entries(values).map(([path, value]) => [variableName(path), value]),
    );
    const file = 'listen: ":9"\nhealth: { port: 99 }\nlogging: { level: fatal, queries: false }\n';
    const config = loadConfig(yaml(file, env));
    expect(config).toMatchObject({
      listen: { host: '127.0.0.1', port: 1 },
      upstream: {
        host: 'h',
        port: 2,
        scope: [{ schema: 'public' }, { schema: 'sales' }],
        elevation: false,
        refuseOn: ['critical', 'hba-trust'],
      },
      controlPlane: { credentialPath: 'p1', policyCachePath: 'p2', auditBufferPath: 'p3' },
      wireguard: {
        enabled: false,
        listenPort: 3,
        privateKeyPath: 'p4',
        sidecarPath: 'p5',
        candidates: ['192.0.2.7:1', '192.0.2.8:2'],
        path: 'relay',
      },
      identity: { requirePasskeyProof: 'never', newUsers: 'approve' },
      health: { enabled: false, host: 'h2', port: 4 },
      logging: { level: 'error', queries: true, redactQueries: false },
    });
  });

  it('keeps the tunnel’s key beside the credential, and has the tunnel on unless it is told', () => {
    const { wireguard, listenTls, identity } = loadConfig(
      yaml('control_plane: { credential_path: /s/c.json }'),
    );
    expect(wireguard).toMatchObject({ enabled: null, listenPort: null, privateKeyPath: '/s/wireguard.key' });
    expect([listenTls, identity.requirePasskeyProof, identity.newUsers]).toEqual([null, 'auto', 'pin']);
  });

  it.each([
    ['wireguard.candidates.0', 'wireguard: { candidates: ["db.example.com:51820"] }'],
    ['wireguard.candidates.0', 'wireguard: { candidates: ["192.0.2.7:0"] }'],
    ['wireguard.candidates.0', 'wireguard: { candidates: ["1.2.3.4.5:1"] }'],
    ['wireguard.path', 'wireguard: { path: both }'],
    ['identity.new_users', 'identity: { new_users: trust }'],
    ['listen_tls.key_file', 'listen_tls: { cert_file: /cert }'],
    ['listen_tls.cert_file', 'listen_tls: { cert_file: /missing, key_file: /key }'],
    ['listen_tls.cert_file', 'listen_tls: { cert_file: /key, key_file: /key }'],
    ['listen_tls.key_file', 'listen_tls: { cert_file: /cert, key_file: /cert }'],
  ])('refuses %s when it is wrong: %s', (field, text) => {
    const files = { 'agent.yaml': text, '/cert': certificate, '/key': privateKey };
    expect(errorOf(source({ env: minimal, files })).field).toBe(field);
  });

  it('tells a scope that is not set from an empty one, in the file and in the environment', () => {
    const scopeOf = (text: string, env: Record<string, string> = {}) =>
      loadConfig(yaml(text, { ...minimal, ...env })).upstream.scope;
    expect(scopeOf('')).toBeNull();
    expect(scopeOf('upstream: { scope: [] }')).toEqual([]);
    expect(scopeOf('', { DAAM_UPSTREAM_SCOPE: '[]' })).toEqual([]);
    expect(scopeOf('', { DAAM_UPSTREAM_SCOPE: '' })).toBeNull();
    expect(scopeOf('upstream: { scope: [public.a] }', { DAAM_UPSTREAM_SCOPE: '' })).toEqual([
      { schema: 'public', table: 'a' },
    ]);
  });

  it('knows the short name of the token, and lets the environment replace a file setting of the same secret', () => {
    const text = 'control_plane: { auth_token_file: /missing }\n';
    const config = loadConfig(yaml(text, { ...minimal, DAAM_AUTH_TOKEN: 'short' }));
    expect(config.controlPlane.authToken?.reveal()).toBe('short');
  });

  it.each<[string, ConfigSource]>([
    ['listen', yaml('listen: 6432x')],
    ['listen', source({ env: { ...minimal, DAAM_LISTEN: 'host:70000' } })],
    ['extra', yaml('extra: 1')],
    ['upstream.pasword', yaml('upstream: { pasword: hunter2 }')],
    ['upstream.port', source({ env: { ...minimal, DAAM_UPSTREAM_PORT: 'many' } })],
    ['upstream.port', yaml('upstream: { port: 70000 }')],
    ['upstream.refuse_on.0', yaml('upstream: { refuse_on: [nonsense] }')],
    ['upstream.scope.1', yaml('upstream: { scope: [public.*, orders] }')],
    ['upstream', yaml('upstream: text')],
    ['upstream.dsn', source({ env: { DAAM_CONTROL_PLANE_URL: 'https://x.example.com' } })],
    [
      'upstream.dsn',
      yaml('upstream: { dsn: a, dsn_file: b }', { DAAM_CONTROL_PLANE_URL: 'https://x.example.com' }),
    ],
    [
      'upstream.dsn_file',
      source({ env: { DAAM_CONTROL_PLANE_URL: 'https://x.example.com', DAAM_UPSTREAM_DSN_FILE: '/no' } }),
    ],
    ['control_plane.url', source({ env: { DAAM_UPSTREAM_DSN: dsn } })],
    ['control_plane.url', source({ env: { ...minimal, DAAM_CONTROL_PLANE_URL: 'http://daam.example.com' } })],
    ['health.enabled', source({ env: { ...minimal, DAAM_HEALTH_ENABLED: 'yes' } })],
    ['logging.level', yaml('logging: { level: loud }')],
    ['DAAM_HEALTH_PROT', source({ env: { ...minimal, DAAM_HEALTH_PROT: '1' } })],
    ['config', yaml('a: [')],
    ['config', yaml('- a')],
    ['config', yaml('listen: ":1"\nlisten: ":2"')],
    ['--config', { ...source(), argv: ['--config'] }],
    ['--config', { ...source(), argv: ['--config=/no'] }],
  ])('stops the start and names %s', (field, from) => {
    expect(errorOf(from).field).toBe(field);
  });

  it.each([
    'hunter2',
    'postgres://hunter2@host',
    'postgres://u:hunter2@host',
    'postgres://u:hunter2@host:99999/db',
    'postgres://u:hunter2@a,b/db',
    'postgres://u:hunter2%@host/db',
    'postgres://u:hunter2@host/db?sslmode=maybe',
    'postgres://u:hunter2@host/db?options=-c%20x',
    'postgres://:hunter2@host/db',
  ])('refuses the connection string %s without ever showing it', (text) => {
    const error = errorOf(source({ env: { ...minimal, DAAM_UPSTREAM_DSN: text } }));
    expect(error.field).toBe('upstream.dsn');
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
  });

  it('never shows a value that is wrong, nor a secret of a configuration that is right', () => {
    const wrong = [
      yaml('logging: { level: hunter2 }'),
      yaml('control_plane: { auth_token: [hunter2] }'),
      yaml('listen: hunter2'),
      yaml('upstream: { dsn: "hunter2'),
      source({ env: { ...minimal, DAAM_HEALTH_PORT: 'hunter2' } }),
      source({ env: { ...minimal, DAAM_CONTROL_PLANE_URL: 'https://u:hunter2@x.example.com' } }),
    ];
    for (const from of wrong) expect(inspect(errorOf(from), { depth: 10 })).not.toContain('hunter2');
    const right = loadConfig(source({ env: { ...minimal, DAAM_AUTH_TOKEN: 'hunter2' } }));
    expect(inspect(right, { depth: 10 }) + JSON.stringify(right)).not.toMatch(/hunter2|s3cr/);
  });
});
