import type { RouteContract } from '@daam/shared/api/route';
import type { Role } from '@daam/shared/api/schemas';
import type { ServiceScope } from '@daam/shared/api/service-scopes';
import type { Secret } from '@daam/shared/base/secret';
import type { AgentId, DatabaseId, DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import type { z } from 'zod';
import type { Scope } from '../db/scope.ts';
import type { ContractName, Contracts } from './contracts.ts';
import type { securityTable } from './routes.ts';
import type { StreamedAnswer } from './streamed-answer.ts';

/** A user, known by an API token, by a device's access token, or by a browser's session. */
export interface Person {
  readonly kind: 'user';
  readonly id: UserId;
  readonly org: OrgId;
  readonly email: string;
  readonly role: Role;
  /** Id of the token or of the session. */
  readonly tokenId: string;
  readonly via: 'api-token' | 'access-token' | 'session' | 'service-token';
  /** Of a service account: what it may do besides what its role says. Absent for people. */
  readonly scopes?: readonly ServiceScope[];
  /** The device whose access token it is. */
  readonly device: DeviceId | null;
  /** Of a browser: the passkey that it signed in with, and when, in milliseconds since the Unix epoch. */
  readonly session: { readonly passkeyId: string; readonly authTime: number } | null;
}

/** What a page's handler may do to the browser that asks. */
export interface Browser {
  /** The session cookie as it came; it may be worth nothing. */
  readonly sessionToken: string | null;
  /** Gives the browser this session, or takes its session away. */
  setSession(token: Secret | null): void;
}

/** An agent, known by its credential. */
export interface AgentCaller {
  readonly kind: 'agent';
  readonly id: AgentId;
  readonly org: OrgId;
  readonly database: DatabaseId;
}

type CallerOf<Name extends ContractName> = {
  none: null;
  person: Person;
  agent: AgentCaller;
  visitor: Person | null;
  session: Person;
}[(typeof securityTable)[Name][1]];

/** Routes with `none` and `own` transactions get no scope: their handlers open what they need. */
type ScopeOf<Name extends ContractName> = (typeof securityTable)[Name][4] extends 'read' | 'write'
  ? Scope
  : null;

type Parsed<Contract, Key extends 'params' | 'query' | 'body'> = Contract extends {
  readonly [K in Key]: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : null;

/** What a handler gets: who calls, what was asked (parsed), and the scope that its row says. */
export interface Call<Name extends ContractName> {
  readonly caller: CallerOf<Name>;
  readonly scope: ScopeOf<Name>;
  readonly params: Parsed<Contracts[Name], 'params'>;
  readonly query: Parsed<Contracts[Name], 'query'>;
  readonly body: Parsed<Contracts[Name], 'body'>;
  readonly browser: Browser;
  readonly requestId: string;
}

type Answer<Contract extends RouteContract> = z.input<Contract['response']>;

/** A use case behind a route. Its answer passes the route's schema, so nothing else leaves. */
export type Handler<Name extends ContractName> = (
  call: Call<Name>,
) => Promise<Contracts[Name] extends { readonly streams: true } ? StreamedAnswer : Answer<Contracts[Name]>>;

/** The feed is not among them: it is a WebSocket (agents/feed.ts). */
export type HandledName = Exclude<ContractName, 'agentFeed'>;
export type Handlers<Names extends HandledName = HandledName> = { readonly [Name in Names]: Handler<Name> };
