import type { Database } from '../db/entities/database.ts';
import type { Scope } from '../db/scope.ts';
import { loadDocument } from './document-store.ts';
import { documentInForce } from './revision-store.ts';

/** The policies in force as the API shows them. */
export async function showPolicies(scope: Scope, database: Database) {
  const { policies } = await loadDocument(scope, database);
  const { document, text, revision } = await documentInForce(scope, database);
  return {
    database: { id: database.id, name: database.name },
    epoch: database.epoch,
    revision,
    policies: policies.map(({ id, name, currentVersion }) => ({ id, name, version: currentVersion })),
    document: { ...document },
    text,
  };
}
