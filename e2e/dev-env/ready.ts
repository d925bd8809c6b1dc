/** What is told when all is ready: one object for programs, a page for people. */

/** How a user reaches the database. */
export interface LocalAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly dsn: string;
}

/** The object that `--json` prints on one line. Its tokens exist in this development system only. */
export interface ReadyObject {
  readonly ready: true;
  readonly controlPlane: { readonly url: string; readonly pid: number };
  /** For administrators, in a browser; null with `--no-ui`. */
  readonly console: { readonly url: string } | null;
  readonly desktop: { readonly url: string } | null;
  readonly relay: { readonly url: string; readonly pid: number };
  readonly agent: { readonly listen: string; readonly health: string; readonly pid: number };
  readonly upstream: { readonly dsn: string };
  readonly admin: { readonly email: string; readonly apiToken: string };
  readonly developer: { readonly email: string; readonly apiToken: string; readonly local: LocalAccess };
  readonly users: Readonly<Record<string, { readonly apiToken: string; readonly local: LocalAccess }>>;
}

/** Where things are on the disk. */
export interface Places {
  /** Logs, configuration files, secrets. */
  readonly stateDir: string;
  /** DAAM_HOME of the developer. */
  readonly developerHome: string;
  /** Why the app is in a browser; null when its window is open. */
  readonly noWindow: string | null;
  /** Where the administrator makes a passkey for the console, once; null when there is one. */
  readonly adminInvitation: string | null;
}

/** What people read. */
export function describeReady(
  ready: ReadyObject,
  { stateDir, developerHome, noWindow, adminInvitation }: Places,
): string {
  const { developer, admin } = ready;
  const others = Object.entries(ready.users).filter(([email]) => email !== developer.email);
  const lines = [
    '',
    'DAAM is ready. Try:',
    '',
    `  psql "${developer.local.dsn}" -c 'select name, email, phone, ssn, card, salary from customers limit 3'`,
    '',
    `  developer      ${developer.email}`,
    ...others.map(([email, { local }]) => `                 ${email}: psql "${local.dsn}"`),
    ...(ready.desktop === null
      ? []
      : [
          `  app            ${ready.desktop.url}`,
          noWindow === null
            ? '                 (its window is open; this is the same app in a browser)'
            : `                 (the desktop app, in a browser: ${noWindow})`,
        ]),
    `  command line   DAAM_HOME=${developerHome} npx daam databases`,
    `  control plane  ${ready.controlPlane.url}`,
    `  administrator  ${admin.email}`,
    ...(ready.console === null ? [] : [`  console        ${ready.console.url}`]),
    ...(ready.console === null || adminInvitation === null
      ? []
      : [`                 (first make the administrator's passkey: ${adminInvitation})`]),
    `  API token      curl -H "Authorization: Bearer ${admin.apiToken}" ${ready.controlPlane.url}/api/v1/me`,
    `  agent          ${ready.agent.health}/health (process ${ready.agent.pid})`,
    `  the database itself, without DAAM: psql "${ready.upstream.dsn}"`,
    `  logs           ${stateDir}/logs`,
    '',
    'Ctrl-C stops everything.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
