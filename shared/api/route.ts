import type { z } from 'zod';

/**
 * What one HTTP call of the control plane looks like, for both sides: the server parses requests with these
 * schemas, the client parses answers with them, and the OpenAPI document is made from them. Who may call
 * what is not here: that is control-plane/http/routes.ts.
 */
export interface RouteContract {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path; `:name` marks a parameter that `params` describes. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Success status; 204 has no body, 101 is a WebSocket. */
  readonly status: 101 | 200 | 201 | 204;
  readonly response: z.ZodType;
  /** Media type of the answer when it is not JSON. */
  readonly mediaType?: 'text/html' | 'text/css' | 'text/javascript' | 'application/x-ndjson';
  /** The answer is a stream of any length: the typed client does not read it. */
  readonly streams?: true;
}

/** Keeps the literal type of a contract while checking its shape. */
export function route<const Contract extends RouteContract>(contract: Contract): Contract {
  return contract;
}

type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : never;
type Part<Contract, Key extends string> = Contract extends { readonly [K in Key]: infer Schema }
  ? Partial<Input<Schema>> extends Input<Schema>
    ? { readonly [K in Key]?: Input<Schema> }
    : { readonly [K in Key]: Input<Schema> }
  : unknown;

/** What a caller passes: `{ params, query, body }`, each only where the route has it. */
export type RouteRequest<Contract extends RouteContract> = Part<Contract, 'params'> &
  Part<Contract, 'query'> &
  Part<Contract, 'body'>;

/** What a caller gets. */
export type RouteResponse<Contract extends RouteContract> = z.output<Contract['response']>;
