/** Every screen with an address of its own, to be looked at in each state, theme and width. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleRequestIds } from './samples/answers.ts';
import { recordedSession } from './samples/audit-records.ts';
import { analyst } from './samples/organization.ts';

export interface Screen {
  /** As the router has it: `/databases/$name`. */
  readonly route: string;
  readonly hash: string;
  /** The h1 when everything is there. */
  readonly heading: string;
  /** The h1 while what it names is not known. */
  readonly headingWithout?: string;
}

export const screens: readonly Screen[] = [
  { route: '/databases', hash: '#/databases', heading: 'Databases' },
  { route: '/databases/$name', hash: '#/databases/orders', heading: 'orders' },
  { route: '/query', hash: '#/query', heading: 'Query' },
  { route: '/requests', hash: '#/requests', heading: 'Requests' },
  { route: '/requests', hash: '#/requests?list=inbox', heading: 'Requests' },
  { route: '/requests/$id', hash: '#/requests/new', heading: 'Request access' },
  {
    route: '/requests/$id',
    hash: `#/requests/${sampleRequestIds.waiting}`,
    heading: 'Request for orders',
    headingWithout: 'Request',
  },
  { route: '/activity', hash: '#/activity', heading: 'Activity' },
  { route: '/settings', hash: '#/settings', heading: 'Settings' },
  ...['account', 'appearance', 'editor', 'shortcuts', 'connections', 'notifications', 'diagnostics'].map(
    (part) => ({ route: '/settings/$section', hash: `#/settings/${part}`, heading: 'Settings' }),
  ),
  { route: '/welcome', hash: '#/welcome', heading: 'Sign in' },
  { route: '/admin/overview', hash: '#/admin/overview', heading: 'Overview' },
  { route: '/admin/databases', hash: '#/admin/databases', heading: 'Databases & agents' },
  { route: '/admin/databases/$database', hash: '#/admin/databases/orders', heading: 'orders' },
  { route: '/admin/policies', hash: '#/admin/policies', heading: 'Policies' },
  { route: '/admin/policies/$database', hash: '#/admin/policies/orders', heading: 'Policies of orders' },
  { route: '/admin/people', hash: '#/admin/people', heading: 'People & groups' },
  {
    route: '/admin/people/$id',
    hash: `#/admin/people/${analyst.id}`,
    heading: analyst.email,
    headingWithout: 'Person',
  },
  { route: '/admin/inbox', hash: '#/admin/inbox', heading: 'Inbox' },
  { route: '/admin/inbox/$id', hash: `#/admin/inbox/${sampleRequestIds.waiting}`, heading: 'Inbox' },
  { route: '/admin/sessions', hash: '#/admin/sessions', heading: 'Sessions' },
  { route: '/admin/sessions', hash: '#/admin/sessions?part=recorded', heading: 'Sessions' },
  {
    route: '/admin/sessions/$id',
    hash: `#/admin/sessions/${recordedSession}`,
    heading: 'Session of dev@example.com',
    headingWithout: 'Session',
  },
  { route: '/admin/audit', hash: '#/admin/audit', heading: 'Audit' },
  { route: '/admin/audit', hash: '#/admin/audit?class=activity', heading: 'Audit' },
  { route: '/admin/settings', hash: '#/admin/settings', heading: 'Settings of the organization' },
  ...['publishing', 'webhooks', 'mail', 'service-accounts', 'retention'].map((part) => ({
    route: '/admin/settings/$part',
    hash: `#/admin/settings/${part}`,
    heading: 'Settings of the organization',
  })),
  { route: 'not found', hash: '#/nowhere', heading: 'Not found' },
];

const renderer = join(import.meta.dirname, '..', '..', 'desktop', 'renderer');

/** The routes that the app's router has, from its sources: a screen without an entry above is a failing test. */
export async function routesOfTheRouter(): Promise<string[]> {
  const files = await readdir(renderer, { recursive: true, withFileTypes: true });
  const sources = await Promise.all(
    files
      .filter((file) => file.isFile() && /\.tsx?$/.test(file.name) && !file.name.includes('.test.'))
      .map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
  );
  const calls = sources.flatMap((source) => source.split(/\bcreateRoute\(/).slice(1));
  const paths = calls.map((call) => /\bpath: '([^']+)'/.exec(call)?.[1] ?? 'a path that is not written out');
  return [...new Set(paths)].filter((path) => path !== '/').toSorted();
}
