import type { RouteContract } from '@daam/shared/api/route';
import type { ApiRoutes, RouteName } from '@daam/shared/api/routes';
import type { Role } from '@daam/shared/api/schemas';
import type { AgentId, DatabaseId, OrgId, UserId } from '@daam/shared/domain/ids';
import type { z } from 'zod';
import type { Scope } from '../db/scope.ts';
import type { securityTable } from './routes.ts';

/** A user, known by an API token. */
export interface Person {
  readonly kind: 'user';
  readonly id: UserId;
  readonly org: OrgId;
  readonly email: string;
  readonly role: Role;
  readonly tokenId: string;
}

/** An agent, known by its credential. */
export interface AgentCaller {
  readonly kind: 'agent';
  readonly id: AgentId;
  readonly org: OrgId;
  readonly database: DatabaseId;
}

type CallerOf<Name extends RouteName> = {
  none: null;
  person: Person;
  agent: AgentCaller;
}[(typeof securityTable)[Name][1]];

/** Routes with `none` and `own` transactions get no scope: their handlers open what they need. */
type ScopeOf<Name extends RouteName> = (typeof securityTable)[Name][4] extends 'read' | 'write'
  ? Scope
  : null;

type Parsed<Contract, Key extends 'params' | 'query' | 'body'> = Contract extends {
  readonly [K in Key]: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : null;

/** What a handler gets: who calls, what was asked (parsed), and the scope that its row says. */
export interface Call<Name extends RouteName> {
  readonly caller: CallerOf<Name>;
  readonly scope: ScopeOf<Name>;
  readonly params: Parsed<ApiRoutes[Name], 'params'>;
  readonly query: Parsed<ApiRoutes[Name], 'query'>;
  readonly body: Parsed<ApiRoutes[Name], 'body'>;
  readonly requestId: string;
}

type Answer<Contract extends RouteContract> = z.input<Contract['response']>;

/** A use case behind a route. Its answer passes the route's schema, so nothing else leaves. */
export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<Answer<ApiRoutes[Name]>>;

/** The feed is not among them: it is a WebSocket (agents/feed.ts). */
export type HandledName = Exclude<RouteName, 'agentFeed'>;
export type Handlers<Names extends HandledName = HandledName> = { readonly [Name in Names]: Handler<Name> };
