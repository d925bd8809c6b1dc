import type { RouteContract } from './route.ts';
import { agentRoutes } from './routes/agents.ts';
import { auditRoutes } from './routes/audit.ts';
import { authRoutes } from './routes/auth.ts';
import { databaseRoutes } from './routes/databases.ts';
import { deviceRoutes } from './routes/devices.ts';
import { myActivityRoutes } from './routes/my-activity.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { peopleRoutes } from './routes/people.ts';
import { policyRoutes } from './routes/policies.ts';
import { publicationRoutes } from './routes/publications.ts';
import { requestRoutes } from './routes/requests.ts';
import { serviceAccountRoutes } from './routes/service-accounts.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { systemRoutes } from './routes/system.ts';
import { vouchedRoutes } from './routes/vouched.ts';
import { webhookRoutes } from './routes/webhooks.ts';

/** Every route of the control plane by its name: the contract between it, the agent, the desktop and the console. */
export const apiRoutes = {
  ...systemRoutes,
  ...authRoutes,
  ...peopleRoutes,
  ...serviceAccountRoutes,
  ...passkeyRoutes,
  ...deviceRoutes,
  ...databaseRoutes,
  ...policyRoutes,
  ...publicationRoutes,
  ...vouchedRoutes,
  ...requestRoutes,
  ...webhookRoutes,
  ...notificationRoutes,
  ...agentRoutes,
  ...auditRoutes,
  ...sessionRoutes,
  ...myActivityRoutes,
} as const satisfies Record<string, RouteContract>;

export type ApiRoutes = typeof apiRoutes;
export type RouteName = keyof ApiRoutes;
