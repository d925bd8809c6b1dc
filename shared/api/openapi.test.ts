import { describe, expect, it } from 'vitest';
import { buildOpenApi } from './openapi.ts';
import { apiRoutes } from './routes.ts';

const document = buildOpenApi(
  Object.entries(apiRoutes).map(([name, contract]) => ({
    name,
    contract,
    authentication: 'person' as const,
    role: 'member',
  })),
  '0.0.0',
) as {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>;
};

describe('openapi', () => {
  it('has every route once, under its path and method', () => {
    expect(document.openapi).toBe('3.1.0');
    for (const [name, contract] of Object.entries(apiRoutes)) {
      const path = contract.path.replace(/:([a-zA-Z]+)/g, '{$1}');
      expect(document.paths[path]?.[contract.method.toLowerCase()]?.operationId).toBe(name);
    }
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations).toHaveLength(Object.keys(apiRoutes).length);
  });

  it('describes every parameter of a path', () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      const expected = [...path.matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(operations)) {
        const described = (operation.parameters ?? []).filter(({ in: where }) => where === 'path');
        expect(described.map(({ name }) => name)).toEqual(expected);
      }
    }
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});
