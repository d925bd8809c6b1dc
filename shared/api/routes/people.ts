import { z } from 'zod';
import { route } from '../route.ts';
import { attributes, email, id, label, nothing, pageOf, pageQuery, role, timestamp } from '../schemas.ts';
import { orgKey } from './agents.ts';

/** Organization, users, groups and API tokens. */

const tag = 'people';

const byId = z.strictObject({ id });
const membership = z.strictObject({ id, user: id });

export const userView = z.object({
  id,
  email: z.string(),
  name: z.string(),
  role,
  attributes,
  disabled: z.boolean(),
  createdAt: timestamp,
});

export const groupView = z.object({
  id,
  name: z.string(),
  members: z.array(z.object({ id, email: z.string() })),
});

export const apiTokenView = z.object({
  id,
  name: z.string(),
  /** The first characters of the token, so that it can be recognized. */
  prefix: z.string(),
  user: z.object({ id, email: z.string() }),
  createdAt: timestamp,
  expiresAt: timestamp,
  lastUsedAt: timestamp.nullable(),
});

export const peopleRoutes = {
  getMe: route({
    method: 'GET',
    path: '/api/v1/me',
    summary: 'Who I am.',
    tag,
    status: 200,
    response: userView.extend({
      org: z.object({ id, name: z.string() }),
      orgKeys: z.array(orgKey),
      groups: z.array(z.object({ id, name: z.string() })),
    }),
  }),
  getOrganization: route({
    method: 'GET',
    path: '/api/v1/organization',
    summary: 'The organization and its public signing keys.',
    tag,
    status: 200,
    response: z.object({ id, name: z.string(), orgKeys: z.array(orgKey), createdAt: timestamp }),
  }),
  signUp: route({
    method: 'POST',
    path: '/api/v1/organizations',
    summary:
      'Make an organization and become its administrator. Switched off unless the control plane is configured for it.',
    tag,
    body: z.strictObject({
      name: label,
      adminEmail: email,
      /** Where the control plane asks for one. */
      code: z.string().max(200).optional(),
    }),
    status: 201,
    response: z.object({
      org: z.object({ id, name: z.string() }),
      /** Where the administrator makes their passkey, once. */
      invitation: z.object({ url: z.string(), expiresAt: timestamp }),
    }),
  }),
  listUsers: route({
    method: 'GET',
    path: '/api/v1/users',
    summary: 'Users of the organization, by e-mail.',
    tag,
    query: pageQuery,
    status: 200,
    response: pageOf(userView),
  }),
  createUser: route({
    method: 'POST',
    path: '/api/v1/users',
    summary: 'Add a user.',
    tag,
    body: z.strictObject({
      email,
      name: label.optional(),
      role: role.default('member'),
      attributes: attributes.default({}),
    }),
    status: 201,
    response: userView,
  }),
  updateUser: route({
    method: 'PATCH',
    path: '/api/v1/users/:id',
    summary: 'Change a user’s name, role or attributes, or disable them. Agents learn it at once.',
    tag,
    params: byId,
    body: z.strictObject({
      name: label.optional(),
      role: role.optional(),
      attributes: attributes.optional(),
      disabled: z.boolean().optional(),
    }),
    status: 200,
    response: userView,
  }),
  listGroups: route({
    method: 'GET',
    path: '/api/v1/groups',
    summary: 'Groups with their members.',
    tag,
    status: 200,
    response: z.object({ items: z.array(groupView) }),
  }),
  createGroup: route({
    method: 'POST',
    path: '/api/v1/groups',
    summary: 'Add a group.',
    tag,
    body: z.strictObject({ name: label }),
    status: 201,
    response: groupView,
  }),
  renameGroup: route({
    method: 'PATCH',
    path: '/api/v1/groups/:id',
    summary: 'Rename a group. Policies are assigned to the group, whatever its name.',
    tag,
    params: byId,
    body: z.strictObject({ name: label }),
    status: 200,
    response: groupView,
  }),
  deleteGroup: route({
    method: 'DELETE',
    path: '/api/v1/groups/:id',
    summary: 'Remove a group and its assignments.',
    tag,
    params: byId,
    status: 204,
    response: nothing,
  }),
  addGroupMember: route({
    method: 'PUT',
    path: '/api/v1/groups/:id/members/:user',
    summary: 'Add a user to a group.',
    tag,
    params: membership,
    status: 204,
    response: nothing,
  }),
  removeGroupMember: route({
    method: 'DELETE',
    path: '/api/v1/groups/:id/members/:user',
    summary: 'Take a user out of a group.',
    tag,
    params: membership,
    status: 204,
    response: nothing,
  }),
  createApiToken: route({
    method: 'POST',
    path: '/api/v1/api-tokens',
    summary: 'A new API token, shown once. For another user only with development tokens switched on.',
    tag,
    body: z.strictObject({
      name: label,
      expiresInDays: z.number().int().min(1).max(366).default(90),
      user: id.optional(),
    }),
    status: 201,
    response: z.object({ token: z.string(), apiToken: apiTokenView }),
  }),
  listApiTokens: route({
    method: 'GET',
    path: '/api/v1/api-tokens',
    summary: 'My API tokens; an administrator sees everyone’s.',
    tag,
    status: 200,
    response: z.object({ items: z.array(apiTokenView) }),
  }),
  revokeApiToken: route({
    method: 'DELETE',
    path: '/api/v1/api-tokens/:id',
    summary: 'Revoke an API token: mine, or as administrator anyone’s.',
    tag,
    params: byId,
    status: 204,
    response: nothing,
  }),
} as const;
