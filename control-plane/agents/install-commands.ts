import type { InstallCommands } from '@daam/shared/api/routes/agents';
import { version } from '../version.ts';

/** What an agent has to be told to find its way. */
export interface Installation {
  /** Where the control plane is reached. */
  readonly url: string;
  /** The one-time token, base64url with a prefix: nothing that a shell or YAML reads otherwise. */
  readonly token: string;
  /** The database's name here: lower-case letters, digits, hyphens and underscores. */
  readonly database: string;
  /** The name of the database on its server: any text of 63 bytes. */
  readonly databaseName: string;
}

/**
 * The commands that start an agent, to be pasted as they are, but for the password and the host of the database. Secrets
 * stand in here-documents that a shell writes into files of its owner: no process has one among its arguments.
 */
export function installCommands(installation: Installation): InstallCommands {
  const name = serviceName(installation.database);
  return {
    docker: docker(installation, name),
    binary: binary(installation),
    systemd: systemd(installation, name),
    kubernetes: kubernetes(installation, name),
  };
}

/** A DNS label; below 52 characters, because Kubernetes makes labels of it and adds to them. */
function serviceName(database: string): string {
  return `daam-agent-${database.replaceAll('_', '-')}`.slice(0, 52).replace(/-+$/, '');
}

const image = `daam-agent:${version}`;
const state = '/var/lib/daam-agent';

function dsn({ databaseName }: Installation): string {
  return `postgres://daam_agent:PASSWORD@DATABASE_HOST:5432/${encodeURIComponent(databaseName)}`;
}

function environment(installation: Installation): string {
  return [
    `DAAM_CONTROL_PLANE_URL=${installation.url}`,
    `DAAM_AUTH_TOKEN=${installation.token}`,
    `DAAM_UPSTREAM_DSN=${dsn(installation)}`,
  ].join('\n');
}

/** Writes a file that its owner alone reads; the quoted delimiter keeps the shell from looking into the text. */
function privateFile(path: string, text: string, sudo = ''): string {
  const write = sudo === '' ? `cat > ${path}` : `${sudo}tee ${path} > /dev/null`;
  return `${sudo}install -m 600 /dev/null ${path}\n${write} <<'END'\n${text}\nEND`;
}

function docker(installation: Installation, name: string): string {
  return [
    privateFile(`${name}.env`, environment(installation)),
    `docker run --detach --name ${name} --restart unless-stopped --env-file ${name}.env \\`,
    `  --volume ${name}:${state} --env DAAM_WIREGUARD_LISTEN_PORT=51820 --publish 51820:51820/udp ${image}`,
  ].join('\n');
}

function binary(installation: Installation): string {
  const { url, token } = installation;
  const yaml = [
    'control_plane:',
    `  url: ${url}`,
    `  auth_token: ${token}`,
    '  credential_path: ./daam-agent-state/credential.json',
    '  policy_cache_path: ./daam-agent-state/policy-bundle.json',
    '  audit_buffer_path: ./daam-agent-state/audit',
    'upstream:',
    `  dsn: ${dsn(installation)}`,
  ].join('\n');
  return `${privateFile('daam-agent.yaml', yaml)}\ndaam-agent --config daam-agent.yaml`;
}

function systemd(installation: Installation, name: string): string {
  const unit = [
    '[Unit]',
    `Description=DAAM agent of ${installation.database}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    `EnvironmentFile=/etc/${name}.env`,
    `Environment=DAAM_CONTROL_PLANE_CREDENTIAL_PATH=/var/lib/${name}/credential.json`,
    `Environment=DAAM_CONTROL_PLANE_POLICY_CACHE_PATH=/var/lib/${name}/policy-bundle.json`,
    `Environment=DAAM_CONTROL_PLANE_AUDIT_BUFFER_PATH=/var/lib/${name}/audit`,
    'ExecStart=/usr/local/bin/daam-agent',
    'DynamicUser=yes',
    `StateDirectory=${name}`,
    'StateDirectoryMode=0700',
    'Restart=always',
    'RestartSec=2',
    // Open sessions may go on for a minute.
    'TimeoutStopSec=75',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'PrivateTmp=yes',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\n');
  return [
    privateFile(`/etc/${name}.env`, environment(installation), 'sudo '),
    `sudo tee /etc/systemd/system/${name}.service > /dev/null <<'END'\n${unit}\nEND`,
    `sudo systemctl daemon-reload && sudo systemctl enable --now ${name}`,
  ].join('\n');
}

function kubernetes(installation: Installation, name: string): string {
  const { url, token } = installation;
  const manifest = `apiVersion: v1
kind: Secret
metadata: { name: ${name} }
stringData:
  DAAM_CONTROL_PLANE_URL: ${JSON.stringify(url)}
  DAAM_AUTH_TOKEN: ${JSON.stringify(token)}
  DAAM_UPSTREAM_DSN: ${JSON.stringify(dsn(installation))}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: ${name} }
spec:
  serviceName: ${name}
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 75
      securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 }
      containers:
        - name: agent
          image: ${image}
          envFrom: [{ secretRef: { name: ${name} } }]
          env: [{ name: DAAM_HEALTH_HOST, value: "0.0.0.0" }]
          readinessProbe: { httpGet: { path: /health, port: 8080 } }
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
          volumeMounts: [{ name: state, mountPath: ${state} }]
  volumeClaimTemplates:
    - metadata: { name: state }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 5Gi } } }`;
  return `kubectl apply --filename - <<'END'\n${manifest}\nEND`;
}
