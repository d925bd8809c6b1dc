import type { ContractName } from './contracts.ts';
import type { RateClass } from './rate-limit.ts';

/**
 * The security table: who may call what. A review of access reads this file.
 *
 * - authentication: `none`; `person` (API token of a user, access token of a device); `agent` (credential of an
 *   agent); `session` (a browser that is signed in); `visitor` (a browser, signed in or not). What browsers change
 *   must come from our own origin.
 * - role: `anyone`; `member` (every user: the handler shows and changes only what is theirs); `auditor`
 *   (auditors and administrators); `admin`; `agent`. An administrator passes every role of a person.
 * - rate: class of http/rate-limit.ts, counted by token or agent, by address where there is neither.
 * - transaction: `none`; `read` (one snapshot); `write` (the organization's row is locked first);
 *   `own` (the handler opens it).
 * - body: ceiling in KiB, 0 for no body.
 */
export type Authentication = 'none' | 'person' | 'agent' | 'visitor' | 'session';
export type RequiredRole = 'anyone' | 'member' | 'auditor' | 'admin' | 'agent';
export type TransactionKind = 'none' | 'read' | 'write' | 'own';

export type SecurityRow = readonly [
  route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`,
  authentication: Authentication,
  role: RequiredRole,
  rate: RateClass,
  transaction: TransactionKind,
  bodyKiB: number,
];

// biome-ignore format: a table is read by columns
export const securityTable = {
  // name                method and path                                      authentication role    rate     transaction body
  getHealth:          ['GET /health',                                           'none',   'anyone',  'health',   'none',  0],
  getReady:           ['GET /ready',                                            'none',   'anyone',  'health',   'none',  0],
  getHome:            ['GET /',                                                 'none',   'anyone',  'health',   'none',  0],
  getOpenApi:         ['GET /api/v1/openapi.json',                              'none',   'anyone',  'health',   'none',  0],

  getMe:              ['GET /api/v1/me',                                        'person', 'member',  'read',     'read',  0],
  listMyDatabases:    ['GET /api/v1/databases',                                 'person', 'member',  'read',     'read',  0],
  makeAuthChallenge:  ['POST /api/v1/auth/challenge',                           'none',   'anyone',  'sign-in',  'own',   0],
  exchangeToken:      ['POST /api/v1/auth/token',                               'none',   'anyone',  'sign-in',  'own',   16],
  startDeviceCode:    ['POST /api/v1/auth/device',                              'none',   'anyone',  'sign-in',  'own',   16],
  signOut:            ['POST /api/v1/auth/sign-out',                            'person', 'member',  'write',    'write', 0],
  listPasskeys:       ['GET /api/v1/passkeys',                                  'person', 'member',  'read',     'read',  0],
  revokePasskey:      ['DELETE /api/v1/passkeys/:id',                           'person', 'member',  'write',    'write', 0],
  listDevices:        ['GET /api/v1/devices',                                   'person', 'member',  'read',     'read',  0],
  registerDevice:     ['POST /api/v1/devices',                                  'person', 'member',  'write',    'write', 16],
  renameDevice:       ['PATCH /api/v1/devices/:id',                             'person', 'member',  'write',    'write', 16],
  revokeDevice:       ['DELETE /api/v1/devices/:id',                            'person', 'member',  'write',    'write', 0],
  issueCertificate:   ['POST /api/v1/devices/:id/certificate',                  'person', 'member',  'issue',    'write', 16],
  issueGrant:         ['POST /api/v1/databases/:database/grant',                'person', 'member',  'issue',    'write', 16],
  explainStatement:   ['POST /api/v1/databases/:database/explain',              'person', 'member',  'explain',  'own',   160],
  getEffectiveAccess: ['GET /api/v1/databases/:database/effective-access',    'person', 'member',  'read',     'read',  0],
  explainColumn:      ['GET /api/v1/databases/:database/effective-access/column', 'person', 'member',  'read',     'read',  0],
  createApiToken:     ['POST /api/v1/api-tokens',                               'person', 'member',  'write',    'write', 16],
  listApiTokens:      ['GET /api/v1/api-tokens',                                'person', 'member',  'read',     'read',  0],
  revokeApiToken:     ['DELETE /api/v1/api-tokens/:id',                         'person', 'member',  'write',    'write', 0],

  createRequest:      ['POST /api/v1/requests',                                 'person', 'member',  'write',    'write', 256],
  listRequests:       ['GET /api/v1/requests',                                  'person', 'member',  'read',     'read',  0],
  getRequest:         ['GET /api/v1/requests/:id',                              'person', 'member',  'read',     'read',  0],
  approveRequest:     ['POST /api/v1/requests/:id/approve',                     'person', 'member',  'write',    'write', 256],
  denyRequest:        ['POST /api/v1/requests/:id/deny',                        'person', 'member',  'write',    'write', 16],
  revokeRequest:      ['POST /api/v1/requests/:id/revoke',                      'person', 'member',  'write',    'write', 16],
  commentOnRequest:   ['POST /api/v1/requests/:id/comments',                    'person', 'member',  'write',    'write', 16],
  reviewRequest:      ['POST /api/v1/requests/:id/review',                      'person', 'member',  'write',    'write', 16],

  getOrganization:    ['GET /api/v1/organization',                              'person', 'auditor', 'read',     'read',  0],
  listDatabases:      ['GET /api/v1/organization/databases',                    'person', 'auditor', 'read',     'read',  0],
  listUsers:          ['GET /api/v1/users',                                     'person', 'auditor', 'read',     'read',  0],
  listGroups:         ['GET /api/v1/groups',                                    'person', 'auditor', 'read',     'read',  0],
  listOrganizationDevices: ['GET /api/v1/organization/devices',                 'person', 'auditor', 'read',     'read',  0],
  listOrganizationPasskeys: ['GET /api/v1/organization/passkeys',               'person', 'auditor', 'read',     'read',  0],
  listAgentPasskeys:  ['GET /api/v1/agents/:id/passkeys',                       'person', 'auditor', 'read',     'read',  0],
  listAgents:         ['GET /api/v1/agents',                                    'person', 'auditor', 'read',     'read',  0],
  getPolicies:        ['GET /api/v1/databases/:database/policies',              'person', 'auditor', 'read',     'read',  0],
  getVouched:         ['GET /api/v1/databases/:database/vouched',               'person', 'auditor', 'read',     'read',  0],
  listPolicyVersions: ['GET /api/v1/databases/:database/policies/versions',     'person', 'auditor', 'read',     'read',  0],
  listPolicyRevisions: ['GET /api/v1/databases/:database/policies/revisions',  'person', 'auditor', 'read',     'read',  0],
  getPolicyRevision:  ['GET /api/v1/databases/:database/policies/revisions/:revision', 'person', 'auditor', 'read',     'read',  0],
  comparePolicies:    ['GET /api/v1/databases/:database/policies/compare',    'person', 'auditor', 'read',     'read',  0],
  listPolicyDrafts:   ['GET /api/v1/databases/:database/policies/drafts',     'person', 'auditor', 'read',     'read',  0],
  listPolicyAssignments: ['GET /api/v1/policy-assignments',                      'person', 'auditor', 'read',     'read',  0],
  listConnections:    ['GET /api/v1/audit/connections',                         'person', 'auditor', 'read',     'read',  0],
  listStatements:     ['GET /api/v1/audit/statements',                          'person', 'auditor', 'read',     'read',  0],
  listActivity:       ['GET /api/v1/audit/activity',                            'person', 'auditor', 'read',     'read',  0],
  verifyAudit:        ['GET /api/v1/audit/verify',                              'person', 'auditor', 'issue',    'read',  0],
  listTableReaders:   ['GET /api/v1/audit/tables/:table/readers',               'person', 'auditor', 'read',     'read',  0],
  listCheckpoints:    ['GET /api/v1/audit/checkpoints',                         'person', 'auditor', 'read',     'read',  0],
  exportAudit:        ['GET /api/v1/audit/export',                              'person', 'auditor', 'issue',    'own',   0],
  getAuditRetention:  ['GET /api/v1/audit/retention',                           'person', 'auditor', 'read',     'read',  0],
  putAuditRetention:  ['PUT /api/v1/audit/retention',                           'person', 'admin',   'write',    'write', 16],

  getRequestSettings: ['GET /api/v1/organization/request-settings',             'person', 'auditor', 'read',     'read',  0],
  listWebhooks:       ['GET /api/v1/webhooks',                                  'person', 'auditor', 'read',     'read',  0],
  listWebhookDeliveries: ['GET /api/v1/webhooks/:id/deliveries',                'person', 'auditor', 'read',     'read',  0],

  putRequestSettings: ['PUT /api/v1/organization/request-settings',             'person', 'admin',   'write',    'write', 1024],
  createWebhook:      ['POST /api/v1/webhooks',                                 'person', 'admin',   'write',    'write', 16],
  updateWebhook:      ['PATCH /api/v1/webhooks/:id',                            'person', 'admin',   'write',    'write', 16],
  deleteWebhook:      ['DELETE /api/v1/webhooks/:id',                           'person', 'admin',   'write',    'write', 0],
  rotateWebhookSecret: ['POST /api/v1/webhooks/:id/secret',                     'person', 'admin',   'write',    'write', 0],
  testWebhook:        ['POST /api/v1/webhooks/:id/test',                        'person', 'admin',   'write',    'write', 0],
  redeliverWebhook:   ['POST /api/v1/webhooks/:id/deliveries/:delivery/redeliver', 'person', 'admin', 'write',   'write', 0],
  createUser:         ['POST /api/v1/users',                                    'person', 'admin',   'write',    'write', 256],
  inviteUser:         ['POST /api/v1/users/:id/invitation',                     'person', 'admin',   'write',    'write', 0],
  updateUser:         ['PATCH /api/v1/users/:id',                               'person', 'admin',   'write',    'write', 256],
  createGroup:        ['POST /api/v1/groups',                                   'person', 'admin',   'write',    'write', 16],
  deleteGroup:        ['DELETE /api/v1/groups/:id',                             'person', 'admin',   'write',    'write', 0],
  addGroupMember:     ['PUT /api/v1/groups/:id/members/:user',                  'person', 'admin',   'write',    'write', 0],
  removeGroupMember:  ['DELETE /api/v1/groups/:id/members/:user',               'person', 'admin',   'write',    'write', 0],
  createDatabase:     ['POST /api/v1/databases',                                'person', 'admin',   'write',    'write', 16],
  updateDatabase:     ['PATCH /api/v1/databases/:database',                     'person', 'admin',   'write',    'write', 16],
  deleteDatabase:     ['DELETE /api/v1/databases/:database',                    'person', 'admin',   'write',    'write', 0],
  putPolicies:        ['PUT /api/v1/databases/:database/policies',              'person', 'admin',   'write',    'write', 4096],
  publishPolicies:    ['POST /api/v1/databases/:database/policies/publish',   'person', 'admin',   'write',    'write', 4096],
  checkPolicies:      ['POST /api/v1/databases/:database/policies/check',     'person', 'admin',   'write',    'own',   4096],
  dryRunPolicies:     ['POST /api/v1/databases/:database/policies/dry-run',   'person', 'admin',   'explain',  'own',   4096],
  previewAccess:      ['POST /api/v1/databases/:database/policies/preview',   'person', 'admin',   'explain',  'own',   4096],
  restorePolicyRevision: ['POST /api/v1/databases/:database/policies/revisions/:revision/restore', 'person', 'admin',   'write',    'write', 16],
  getPolicyDraft:     ['GET /api/v1/databases/:database/policies/draft',      'person', 'admin',   'read',     'read',  0],
  putPolicyDraft:     ['PUT /api/v1/databases/:database/policies/draft',      'person', 'admin',   'write',    'write', 4096],
  deletePolicyDraft:  ['DELETE /api/v1/databases/:database/policies/draft',   'person', 'admin',   'write',    'write', 0],
  publishPolicyDraft: ['POST /api/v1/databases/:database/policies/draft/publish', 'person', 'admin',   'write',    'write', 16],
  compareDraftWithOthers: ['GET /api/v1/databases/:database/policies/draft/three-way', 'person', 'admin',   'read',     'read',  0],
  rebasePolicyDraft:  ['POST /api/v1/databases/:database/policies/draft/rebase', 'person', 'admin',   'write',    'write', 1024],
  assignPolicyToUser: ['PUT /api/v1/databases/:database/policies/assignments/:policy/users/:user', 'person', 'admin',   'write',    'write', 0],
  unassignPolicyFromUser: ['DELETE /api/v1/databases/:database/policies/assignments/:policy/users/:user', 'person', 'admin',   'write',    'write', 0],
  assignPolicyToGroup: ['PUT /api/v1/databases/:database/policies/assignments/:policy/groups/:group', 'person', 'admin',   'write',    'write', 0],
  unassignPolicyFromGroup: ['DELETE /api/v1/databases/:database/policies/assignments/:policy/groups/:group', 'person', 'admin',   'write',    'write', 0],
  getDoctorReport:    ['GET /api/v1/databases/:database/doctor',                'person', 'admin',   'read',     'read',  0],
  refreshDoctorReport: ['POST /api/v1/databases/:database/doctor/refresh',      'person', 'admin',   'write',    'write', 0],
  putVouched:         ['PUT /api/v1/databases/:database/vouched',               'person', 'admin',   'write',    'write', 1024],
  issueAgentToken:    ['POST /api/v1/databases/:database/agent-tokens',         'person', 'admin',   'write',    'write', 0],
  revokeAgent:        ['DELETE /api/v1/agents/:id',                             'person', 'admin',   'write',    'write', 0],

  getPagesStyle:      ['GET /assets/pages.css',                                 'none',    'anyone', 'health',   'none',  0],
  getPagesScript:     ['GET /assets/pages.js',                                  'none',    'anyone', 'health',   'none',  0],
  showAuthorize:      ['GET /auth/authorize',                                   'visitor', 'anyone', 'page',     'own',   0],
  beginAuthorize:     ['POST /auth/authorize/begin',                            'visitor', 'anyone', 'sign-in',  'own',   16],
  finishAuthorize:    ['POST /auth/authorize/finish',                           'visitor', 'anyone', 'sign-in',  'own',   64],
  beginSignIn:        ['POST /auth/session/begin',                              'visitor', 'anyone', 'sign-in',  'own',   16],
  finishSignIn:       ['POST /auth/session/finish',                             'visitor', 'anyone', 'sign-in',  'own',   64],
  endSession:         ['POST /auth/session/end',                                'visitor', 'anyone', 'sign-in',  'own',   16],
  showDevice:         ['GET /device',                                           'visitor', 'anyone', 'page',     'own',   0],
  beginDevice:        ['POST /device/begin',                                    'visitor', 'anyone', 'user-code', 'own',  16],
  finishDevice:       ['POST /device/finish',                                   'visitor', 'anyone', 'sign-in',  'own',   64],
  refuseDevice:       ['POST /device/refuse',                                   'visitor', 'anyone', 'sign-in',  'own',   16],
  showEnroll:         ['GET /enroll',                                           'visitor', 'anyone', 'page',     'own',   0],
  beginEnroll:        ['POST /enroll/begin',                                    'visitor', 'anyone', 'sign-in',  'own',   16],
  finishEnroll:       ['POST /enroll/finish',                                   'visitor', 'anyone', 'sign-in',  'own',   64],
  showAccount:        ['GET /account',                                          'visitor', 'anyone', 'page',     'own',   0],
  beginPasskey:       ['POST /account/passkeys/begin',                          'session', 'member', 'sign-in',  'write', 16],
  endorsePasskey:     ['POST /account/passkeys/endorse',                        'session', 'member', 'sign-in',  'own',   64],
  finishPasskey:      ['POST /account/passkeys/finish',                         'session', 'member', 'sign-in',  'own',   64],
  removePasskey:      ['POST /account/passkeys/remove',                         'session', 'member', 'write',    'write', 16],
  renameOwnDevice:    ['POST /account/devices/rename',                          'session', 'member', 'write',    'write', 16],
  removeOwnDevice:    ['POST /account/devices/remove',                          'session', 'member', 'write',    'write', 16],
  showApprovals:      ['GET /admin/passkeys',                                   'visitor', 'anyone', 'page',     'own',   0],
  beginApproval:      ['POST /admin/passkeys/begin',                            'session', 'admin',  'sign-in',  'write', 16],
  finishApproval:     ['POST /admin/passkeys/finish',                           'session', 'admin',  'sign-in',  'own',   64],
  registerAgent:      ['POST /api/v1/agents/register',                          'none',   'anyone',  'register', 'own',   16],
  agentFeed:          ['GET /api/v1/agents/feed',                               'agent',  'agent',   'feed',     'own',   0],
  appendAudit:        ['POST /api/v1/agents/audit',                             'agent',  'agent',   'ingest',   'own',   8192],
} as const satisfies Record<ContractName, SecurityRow>;
