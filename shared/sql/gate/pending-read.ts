import type { TaggedNode } from '../ast/node.ts';
import type { GrantedRelation } from './granted-relation.ts';
import type { FromItem } from './scope.ts';

/** A masked relation in FROM whose subquery is not written yet. */
export interface PendingRead {
  readonly item: FromItem;
  readonly granted: GrantedRelation;
  readonly rangeVar: TaggedNode;
  readonly sample: TaggedNode | null;
  /** System columns that the query names. */
  readonly system: readonly string[];
}
