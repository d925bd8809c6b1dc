import { Client } from 'pg';
import type { AgentConfig } from './config.ts';
import { loadCatalog } from './enforce/catalog-loader.ts';

/**
 * `daam-agent introspect`: what the agent would see, as JSON on standard output. It reads the catalogue only.
 */
export async function introspect(config: AgentConfig, print: (text: string) => void): Promise<number> {
  const { host, port, user, password, database } = config.upstream;
  const client = new Client({ host, port, user, password: password.reveal(), database });
  await client.connect();
  try {
    const catalog = await loadCatalog(client);
    const relations = [...catalog.relations.values()].filter((relation) => !relation.system);
    const report = {
      database: catalog.database,
      major: catalog.major,
      searchPath: catalog.defaultSearchPath,
      relations: relations.map(({ schema, name, kind, columns, userTriggers, rowSecurity }) => ({
        schema,
        name,
        kind,
        columns: columns.map((column) => ({ name: column.name, type: column.typeName })),
        triggers: userTriggers,
        rowSecurity,
      })),
      securityDefinerFunctions: [...catalog.userFunctions.values()]
        .flat()
        .filter((candidate) => candidate.securityDefiner)
        .map(({ schema, name }) => `${schema}.${name}`),
    };
    print(`${JSON.stringify(report, null, 2)}\n`);
    return 0;
  } finally {
    await client.end();
  }
}
