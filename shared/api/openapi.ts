import { z } from 'zod';
import type { RouteContract } from './route.ts';
import { errorBody } from './schemas.ts';

/** How a call proves who it is; the words of control-plane/http/routes.ts. */
export type OpenApiAuthentication = 'none' | 'person' | 'agent';

export interface OpenApiRoute {
  readonly name: string;
  readonly contract: RouteContract;
  readonly authentication: OpenApiAuthentication;
  /** Who may call it, for the description. */
  readonly role: string;
}

/** A JSON object; OpenAPI 3.1 (its schemas are JSON Schema 2020-12). */
export type JsonObject = { [key: string]: unknown };

/** The OpenAPI 3.1 document of a route table. Pure: the same routes give the same document. */
export function buildOpenApi(routes: readonly OpenApiRoute[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.contract.path.replace(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.contract.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'DAAM control plane', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        person: {
          type: 'http',
          scheme: 'bearer',
          description:
            'API token of a user (daam_pat_…), access token of a device (daam_dat_…) or token of a service account (daam_sat_…)',
        },
        agent: { type: 'http', scheme: 'bearer', description: 'Credential of an agent (daam_agt_…)' },
      },
      responses: {
        Error: { description: 'Refused or failed', content: json(schemaOf(errorBody, 'output')) },
      },
    },
  };
}

function operation({ name, contract, authentication, role }: OpenApiRoute): JsonObject {
  const parameters = [...parametersOf(contract.params, 'path'), ...parametersOf(contract.query, 'query')];
  return {
    operationId: name,
    summary: contract.summary,
    tags: [contract.tag],
    ...(role === 'anyone' ? {} : { description: `Role: ${role}.` }),
    security: authentication === 'none' ? [] : [{ [authentication]: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(contract.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(contract.body, 'input')) } }),
    responses: {
      [contract.status]: successOf(contract),
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function successOf(contract: RouteContract): JsonObject {
  if (contract.status === 101) return { description: 'Switching to WebSocket' };
  if (contract.status === 204) return { description: 'Done' };
  const schema = schemaOf(contract.response, 'output');
  if (contract.mediaType !== undefined)
    return { description: 'OK', content: { [contract.mediaType]: { schema } } };
  return { description: 'OK', content: json(schema) };
}

function parametersOf(schema: z.ZodObject | undefined, where: 'path' | 'query'): JsonObject[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, JsonObject>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const {
    $schema: _,
    '~standard': __,
    ...rest
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
  return rest;
}

function json(schema: JsonObject): JsonObject {
  return { 'application/json': { schema } };
}
