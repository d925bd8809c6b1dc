import type { RelationAccess } from '../access.ts';
import type { CatalogRelation } from '../catalog.ts';

/** A relation that the statement reads or writes, found in the catalogue and granted. */
export interface GrantedRelation {
  readonly relation: CatalogRelation;
  readonly access: RelationAccess;
}
