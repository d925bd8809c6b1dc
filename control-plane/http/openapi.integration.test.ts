import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes, type RouteName } from '@daam/shared/api/routes';
import { z } from 'zod';
import {
  callRoute,
  contractOf,
  type Credential,
  type RouteAnswer,
  securityOf,
} from '../testing/every-route.ts';
import {
  bodiesFor,
  idsOf,
  organizationWithEverything,
  queriesFor,
  rightParams,
} from '../testing/organization-with-everything.ts';
import { startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/**
 * The OpenAPI document that the control plane serves, against what it answers: every operation is called, by somebody
 * who may and by nobody, and each answer has to be one that the document describes.
 */
type Schema = Parameters<typeof z.fromJSONSchema>[0];

interface Operation {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly responses: { readonly Error: { readonly content: Record<string, { readonly schema: Schema }> } };
  };
}

const names = Object.keys(apiRoutes) as RouteName[];
const hour = 3_600_000;

let plane: TestControlPlane;
let document: Document;
const answers = new Map<RouteName, RouteAnswer[]>();

beforeAll(async () => {
  plane = await startTestControlPlane({
    deps: { scheduleMs: hour, maintenanceMs: hour },
    rateFactor: 1000,
  });
  document = (await (await plane.send('/api/v1/openapi.json')).json()) as Document;
  const org = await organizationWithEverything(plane, 'conform');
  const superuser = new Client({ connectionString: plane.dsn });
  await superuser.connect();
  const credentials: Record<string, Credential> = {
    none: {},
    person: { token: org.adminToken },
    agent: { token: org.agent.credential },
  };
  for (const name of inOrder()) {
    const credential = credentials[securityOf(name)[1]] ?? {};
    answers.set(name, []);
    for (const query of queriesFor(name, {})) {
      const ids = await idsOf(superuser, org.orgId);
      const params = rightParams(contractOf(name).path, { ids, database: org.database });
      const given = { ...query, ...('confirm' in query ? { confirm: org.database } : {}) };
      for (const body of [...(name === 'putPolicies' ? [org.document] : []), ...bodiesFor(name, ids)]) {
        answers.get(name)?.push(await callRoute(plane, name, credential, { params, query: given, body }));
      }
    }
    answers.get(name)?.push(await callRoute(plane, name, {}));
  }
  await superuser.end();
}, 120_000);

afterAll(async () => await plane?.[Symbol.asyncDispose]());

/** What removes something comes last, and the largest things last of all. */
function inOrder(): readonly RouteName[] {
  const rank = (name: RouteName): number => {
    const { method, path } = contractOf(name);
    if (method === 'GET') return 0;
    // It may be the token that all this is done with.
    if (name === 'revokeApiToken') return 1_000;
    if (name === 'signOut' || name === 'deleteDatabase' || name === 'revokeAgent') return 3 + path.length;
    return method === 'DELETE' ? 2 : 1;
  };
  return names.filter((name) => contractOf(name).status !== 101).toSorted((a, b) => rank(a) - rank(b));
}

function operationOf(name: RouteName): Operation {
  const { path, method } = contractOf(name);
  const operation = document.paths[path.replace(/:([a-zA-Z]+)/g, '{$1}')]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${name} is not in the document`);
  return operation;
}

/** What can be read only after something that has tests of its own: a schema from a live agent, a draft, a column. */
const needsMore: readonly RouteName[] = [
  'getMySchema',
  'getSchema',
  'getDrift',
  'listMaskSuggestions',
  'getPolicyDraft',
  'compareDraftWithOthers',
  'getEffectiveAccess',
  'explainColumn',
];

function isSuccess({ status }: RouteAnswer): boolean {
  return status < 300;
}

/** What the document does not describe of an answer; null for nothing. */
function faultOf(operation: Operation, answer: RouteAnswer): string | null {
  const described = isSuccess(answer)
    ? operation.responses[String(answer.status)]
    : document.components.responses.Error;
  if (described === undefined) return `status ${answer.status}`;
  const { content } = described;
  if (content === undefined) return answer.text === '' ? null : `${answer.status} with a body`;
  const schema = content[answer.mediaType]?.schema;
  if (schema === undefined) return `${answer.status} as ${answer.mediaType}`;
  if (answer.mediaType !== 'application/json') return null;
  const parsed = z.fromJSONSchema(schema).safeParse(JSON.parse(answer.text));
  return parsed.success ? null : `${answer.status}: ${z.prettifyError(parsed.error)}`;
}

describe('the OpenAPI document', () => {
  it('has every route of the API, and nothing else', () => {
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(names.toSorted());
  });

  it('describes every answer that there is', () => {
    const faults = [...answers].flatMap(([name, all]) =>
      all.flatMap((answer) => {
        const fault = faultOf(operationOf(name), answer);
        return fault === null ? [] : [`${name} ${fault}`];
      }),
    );
    const count = [...answers.values()].flat().length;
    process.stdout.write(
      `${count} answers of ${answers.size} operations, ${faults.length} not as described\n`,
    );
    expect([...new Set(faults)]).toEqual([]);
  });

  it('was seen answering: every JSON that can be read, and most of what can be done', () => {
    const silent = [...answers].filter(([, all]) => !all.some(isSuccess)).map(([name]) => name);
    process.stdout.write(`without a success here: ${silent.join(', ') || 'none'}\n`);
    const unread = silent.filter((name) => contractOf(name).method === 'GET');
    expect(unread.filter((name) => !needsMore.includes(name))).toEqual([]);
    expect(silent.length).toBeLessThan(answers.size / 2);
  });

  it('says of each operation truly whether it needs a credential', () => {
    for (const [name, all] of answers) {
      const isOpen = operationOf(name).security.length === 0;
      expect([name, all.at(-1)?.status === 401 && all.at(-1)?.error?.code === 'UNAUTHENTICATED']).toEqual([
        name,
        !isOpen,
      ]);
    }
  });
});
