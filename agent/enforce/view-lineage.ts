import type { ViewColumn, ViewLineage } from '@daam/shared/sql/catalog';
import { AddressSet, ConditionSet, type Flow } from './lineage-sets.ts';
import {
  isTreeNode,
  listField,
  nodeField,
  numberField,
  type TreeNode,
  type TreeValue,
  wordField,
} from './node-tree.ts';
import {
  asNode,
  deterministicCollations,
  rangeAt,
  rangeKinds,
  required,
  type Scope,
  targetsOf,
  withoutRelabel,
  withQuery,
} from './stored-query.ts';

/**
 * Follows each column of a view to the columns that it comes from, in the query as the server has analysed and stored
 * it: names are numbers there, so that nothing has to be looked up. Views below are sources like tables; how they
 * in turn come about, shared/sql/mask-closure.ts puts together. What is not understood throws RangeError.
 */
export function readLineage(
  query: TreeNode,
  facts: {
    /** The view's own OID: old majors keep it in the range table. */
    readonly view: number;
    /** OIDs of pg_catalog's `=` operators. */
    readonly equality: ReadonlySet<string>;
  },
): ViewLineage {
  const reader = new LineageReader(facts);
  const { columns, conditions } = reader.query(query, null);
  return {
    columns: new Map([...columns].map(([resno, flow]) => [resno, toColumn(flow)])),
    conditions: conditions.list(),
    sources: [...reader.sources].toSorted((a, b) => a - b),
  };
}

function toColumn({ copies, computed }: Flow): ViewColumn {
  return { copies: copies.list(), computedFrom: computed.list() };
}

/** What a query shows by column number, and what decides about its rows. */
interface QueryFlow {
  readonly columns: ReadonlyMap<number, Flow>;
  readonly conditions: ConditionSet;
}

const maxRounds = 20;

class LineageReader {
  readonly sources = new Set<number>();
  readonly #facts: { readonly view: number; readonly equality: ReadonlySet<string> };
  /** What queries in FROM and WITH came to, by their node: each of their columns asks for it. */
  readonly #known = new Map<TreeNode, QueryFlow>();
  /** Recursive WITH queries, as far as they are read. */
  readonly #recursive = new Map<TreeNode, QueryFlow>();

  constructor(facts: { readonly view: number; readonly equality: ReadonlySet<string> }) {
    this.#facts = facts;
  }

  query(query: TreeNode, parent: Scope | null): QueryFlow {
    if (query.tag !== 'QUERY' || wordField(query, 'commandType') !== '1') throw new RangeError('no SELECT');
    const scope: Scope = { query, ranges: listField(query, 'rtable'), parent };
    const conditions = new ConditionSet();
    const set = nodeField(query, 'setOperations');
    const columns = set === null ? this.#targets(scope) : this.#setTargets(scope, set, conditions);
    const joined = nodeField(query, 'jointree');
    if (joined !== null) this.#from(scope, joined, conditions);
    this.#clauses(scope, columns, conditions);
    return { columns: this.#shown(scope, columns), conditions };
  }

  /** The flow of every target, junk ones (that only sort or group) included. */
  #targets(scope: Scope): Map<number, Flow> {
    const columns = new Map<number, Flow>();
    for (const target of targetsOf(scope.query)) {
      columns.set(numberField(target, 'resno'), this.#flow(scope, target.fields.get('expr') ?? null));
    }
    return columns;
  }

  #shown(scope: Scope, columns: ReadonlyMap<number, Flow>): ReadonlyMap<number, Flow> {
    const shown = new Map<number, Flow>();
    for (const target of targetsOf(scope.query)) {
      const resno = numberField(target, 'resno');
      const flow = columns.get(resno);
      if (wordField(target, 'resjunk') === 'false' && flow !== undefined) shown.set(resno, flow);
    }
    return shown;
  }

  /** UNION and its like: the targets name the first branch only, the rows come from all of them. */
  #setTargets(scope: Scope, set: TreeNode, conditions: ConditionSet): Map<number, Flow> {
    const branches: QueryFlow[] = [];
    this.#setBranches(scope, set, { branches, conditions });
    const columns = new Map<number, Flow>();
    for (const target of targetsOf(scope.query)) {
      const resno = numberField(target, 'resno');
      const flows = branches.flatMap((branch) => branch.columns.get(resno) ?? []);
      const isPlain = isTreeNode(withoutRelabel(target.fields.get('expr') ?? null), 'VAR');
      const merged = mergeFlows(flows);
      columns.set(resno, isPlain && flows.length > 0 ? merged : computedFrom(AddressSet.ofFlow(merged)));
    }
    return columns;
  }

  #setBranches(
    scope: Scope,
    node: TreeNode,
    found: { readonly branches: QueryFlow[]; readonly conditions: ConditionSet },
  ): void {
    if (node.tag === 'RANGETBLREF') {
      const range = rangeAt(scope, numberField(node, 'rtindex'));
      const flow = this.#querySource(scope, range);
      found.branches.push(flow);
      found.conditions.addAll(flow.conditions);
      return;
    }
    if (node.tag !== 'SETOPERATIONSTMT') throw new RangeError(`${node.tag} in a set operation`);
    const first = found.branches.length;
    for (const side of ['larg', 'rarg']) this.#setBranches(scope, required(node, side), found);
    const operation = ['?', 'UNION', 'INTERSECT', 'EXCEPT'][numberField(node, 'op')] ?? '?';
    if (operation === 'UNION' && wordField(node, 'all') === 'true') return;
    for (const branch of found.branches.slice(first)) {
      for (const flow of branch.columns.values()) found.conditions.add(AddressSet.ofFlow(flow), operation);
    }
  }

  #from(scope: Scope, node: TreeNode, conditions: ConditionSet): void {
    switch (node.tag) {
      case 'RANGETBLREF':
        return this.#range(scope, rangeAt(scope, numberField(node, 'rtindex')), conditions);
      case 'FROMEXPR':
        for (const item of listField(node, 'fromlist')) this.#from(scope, asNode(item), conditions);
        return this.#qualifications(scope, node.fields.get('quals') ?? null, {
          conditions,
          through: 'WHERE',
        });
      case 'JOINEXPR':
        for (const side of ['larg', 'rarg']) this.#from(scope, required(node, side), conditions);
        return this.#qualifications(scope, node.fields.get('quals') ?? null, {
          conditions,
          through: 'a join condition',
        });
      default:
        throw new RangeError(`${node.tag} in FROM`);
    }
  }

  #range(scope: Scope, range: TreeNode, conditions: ConditionSet): void {
    const through = 'a function in FROM';
    switch (numberField(range, 'rtekind')) {
      case rangeKinds.relation:
        this.#note(range);
        return conditions.add(this.#reads(scope, range.fields.get('tablesample') ?? null), 'TABLESAMPLE');
      case rangeKinds.subquery:
      case rangeKinds.cte:
        return conditions.addAll(this.#querySource(scope, range).conditions);
      case rangeKinds.function:
        return conditions.add(this.#reads(scope, range.fields.get('functions') ?? null), through);
      case rangeKinds.tableFunction:
        return conditions.add(this.#reads(scope, range.fields.get('tablefunc') ?? null), through);
      case rangeKinds.values:
      case rangeKinds.result:
        return;
      default:
        throw new RangeError(`range kind ${wordField(range, 'rtekind')}`);
    }
  }

  /** HAVING, GROUP BY, DISTINCT, ORDER BY, windows, LIMIT. */
  #clauses(scope: Scope, columns: ReadonlyMap<number, Flow>, conditions: ConditionSet): void {
    const { query } = scope;
    conditions.add(this.#reads(scope, query.fields.get('havingQual') ?? null), 'HAVING');
    for (const name of ['limitOffset', 'limitCount'])
      conditions.add(this.#reads(scope, query.fields.get(name) ?? null), 'LIMIT');
    const byReference = new Map<string, Flow>();
    for (const target of targetsOf(query)) {
      const flow = columns.get(numberField(target, 'resno'));
      if (flow !== undefined) byReference.set(wordField(target, 'ressortgroupref'), flow);
    }
    const add = (clauses: readonly TreeValue[], through: string): void => {
      for (const clause of clauses) {
        const flow = byReference.get(wordField(asNode(clause), 'tleSortGroupRef'));
        if (flow === undefined) throw new RangeError(`${through} of what is no target`);
        conditions.add(AddressSet.ofFlow(flow), through);
      }
    };
    add(listField(query, 'groupClause'), 'GROUP BY');
    add(listField(query, 'distinctClause'), 'DISTINCT');
    add(listField(query, 'sortClause'), 'ORDER BY');
    for (const item of listField(query, 'windowClause')) {
      const window = asNode(item);
      add(listField(window, 'partitionClause'), 'PARTITION BY');
      add(listField(window, 'orderClause'), 'the ORDER BY of a window');
      for (const name of ['startOffset', 'endOffset'])
        conditions.add(this.#reads(scope, window.fields.get(name) ?? null), 'a window');
    }
  }

  /** AND is taken apart: of `IS NULL` and of plain equality the closure thinks better than of the rest. */
  #qualifications(
    scope: Scope,
    value: TreeValue,
    at: { readonly conditions: ConditionSet; readonly through: string },
  ): void {
    if (value === null) return;
    const { conditions, through } = at;
    const node = asNode(value);
    if (node.tag === 'BOOLEXPR' && wordField(node, 'boolop') === 'and') {
      for (const part of listField(node, 'args')) this.#qualifications(scope, part, at);
      return;
    }
    if (node.tag === 'NULLTEST' && wordField(node, 'argisrow') === 'false') {
      const flow = this.#flow(scope, node.fields.get('arg') ?? null);
      conditions.addNullTest(flow.copies, through);
      return conditions.add(flow.computed, through);
    }
    if (this.#isPlainEquality(node)) {
      const [left, right] = listField(node, 'args').map((side) => this.#flow(scope, side));
      if (left !== undefined && right !== undefined && left.isPlain && right.isPlain)
        return conditions.addEquality(left.copies, right.copies, through);
    }
    conditions.add(this.#reads(scope, node), through);
  }

  /** Under a nondeterministic collation `=` would ask more of a value than whether it is the same. */
  #isPlainEquality(node: TreeNode): boolean {
    return (
      node.tag === 'OPEXPR' &&
      this.#facts.equality.has(wordField(node, 'opno')) &&
      deterministicCollations.has(wordField(node, 'inputcollid')) &&
      listField(node, 'args').length === 2
    );
  }

  /** Where an expression's value comes from: a bare column is shown as it is, everything else is computed. */
  #flow(scope: Scope, expression: TreeValue): Flow {
    const inner = withoutRelabel(expression);
    if (isTreeNode(inner, 'VAR')) return this.#variable(scope, inner);
    return computedFrom(this.#reads(scope, expression));
  }

  #variable(scope: Scope, node: TreeNode): Flow {
    let at: Scope | null = scope;
    for (let up = numberField(node, 'varlevelsup'); up > 0; up -= 1) at = at?.parent ?? null;
    if (at === null) throw new RangeError('a column of a query that is not around');
    return this.#column(at, rangeAt(at, numberField(node, 'varno')), numberField(node, 'varattno'));
  }

  #column(scope: Scope, range: TreeNode, attnum: number): Flow {
    switch (numberField(range, 'rtekind')) {
      case rangeKinds.relation: {
        const oid = this.#note(range);
        // it tells the partition, and so something of the key
        if (attnum === tableOidNumber) return computedFrom(AddressSet.of({ oid, attnum: 0 }));
        if (attnum < 0) return nothing;
        const address = AddressSet.of({ oid, attnum });
        return attnum === 0
          ? computedFrom(address)
          : { copies: address, computed: AddressSet.none, isPlain: true };
      }
      case rangeKinds.subquery:
      case rangeKinds.cte:
        return columnOf(this.#querySource(scope, range).columns, attnum);
      case rangeKinds.join:
        return this.#listed(scope, listField(range, 'joinaliasvars'), attnum);
      case rangeKinds.group:
        return this.#listed(scope, listField(range, 'groupexprs'), attnum);
      case rangeKinds.function:
        return computedFrom(this.#reads(scope, range.fields.get('functions') ?? null));
      case rangeKinds.tableFunction:
        return computedFrom(this.#reads(scope, range.fields.get('tablefunc') ?? null));
      case rangeKinds.values:
        return computedFrom(this.#reads(scope, range.fields.get('values_lists') ?? null));
      default:
        throw new RangeError(`a column of range kind ${wordField(range, 'rtekind')}`);
    }
  }

  #listed(scope: Scope, expressions: readonly TreeValue[], attnum: number): Flow {
    if (attnum === 0) return computedFrom(this.#reads(scope, expressions));
    const expression = expressions[attnum - 1];
    if (expression === undefined || expression === null)
      throw new RangeError('a joined column that is not there');
    return this.#flow(scope, expression);
  }

  /** Everything that is read anywhere inside; of a sub-select also what decides about its rows. */
  #reads(scope: Scope, value: TreeValue): AddressSet {
    const found = new AddressSet();
    const visit = (item: TreeValue): void => {
      if (Array.isArray(item)) for (const each of item as readonly TreeValue[]) visit(each);
      if (!isTreeNode(item)) return;
      if (item.tag === 'VAR') return found.addAll(AddressSet.ofFlow(this.#variable(scope, item)));
      if (item.tag !== 'QUERY') {
        for (const each of item.fields.values()) visit(each);
        return;
      }
      const { columns, conditions } = this.query(item, scope);
      for (const flow of columns.values()) found.addAll(AddressSet.ofFlow(flow));
      found.addAll(conditions.columns());
    };
    visit(value);
    return found;
  }

  #querySource(scope: Scope, range: TreeNode): QueryFlow {
    const kind = numberField(range, 'rtekind');
    if (kind === rangeKinds.subquery) return this.#once(required(range, 'subquery'), scope);
    if (kind !== rangeKinds.cte) throw new RangeError(`range kind ${kind} as a query`);
    let at: Scope | null = scope;
    for (let up = numberField(range, 'ctelevelsup'); up > 0; up -= 1) at = at?.parent ?? null;
    const found = at === null ? undefined : withQuery(at, wordField(range, 'ctename'));
    if (at === null || found === undefined) throw new RangeError('a WITH query that is not there');
    const body = required(found, 'ctequery');
    return wordField(found, 'cterecursive') === 'true'
      ? this.#recursiveQuery(body, at)
      : this.#once(body, at);
  }

  #once(query: TreeNode, parent: Scope): QueryFlow {
    const known = this.#known.get(query);
    if (known !== undefined) return known;
    const flow = this.query(query, parent);
    this.#known.set(query, flow);
    return flow;
  }

  /** Is read again until it shows nothing new; what lies inside it is forgotten between the rounds. */
  #recursiveQuery(query: TreeNode, parent: Scope): QueryFlow {
    const known = this.#recursive.get(query);
    if (known !== undefined) return known;
    const outer = new Set(this.#recursive.keys());
    let flow: QueryFlow = { columns: new Map(), conditions: new ConditionSet() };
    for (let round = 0; round < maxRounds; round += 1) {
      for (const inner of this.#recursive.keys()) if (!outer.has(inner)) this.#recursive.delete(inner);
      this.#known.clear();
      this.#recursive.set(query, flow);
      const next = this.query(query, parent);
      if (fingerprint(next) === fingerprint(flow)) return flow;
      flow = next;
    }
    throw new RangeError('a recursive query that does not settle');
  }

  #note(range: TreeNode): number {
    const oid = numberField(range, 'relid');
    if (oid !== this.#facts.view) this.sources.add(oid);
    return oid;
  }
}

/** The number of the system column tableoid (src/include/access/sysattr.h). */
const tableOidNumber = -6;

const nothing: Flow = { copies: new AddressSet(), computed: new AddressSet(), isPlain: false };

function computedFrom(computed: AddressSet): Flow {
  return { copies: AddressSet.none, computed, isPlain: false };
}

function mergeFlows(flows: readonly Flow[]): Flow {
  const copies = new AddressSet();
  const computed = new AddressSet();
  for (const flow of flows) {
    copies.addAll(flow.copies);
    computed.addAll(flow.computed);
  }
  return { copies, computed, isPlain: flows.every((flow) => flow.isPlain) };
}

/** In the first round of a recursive query its own columns are not known yet. */
function columnOf(columns: ReadonlyMap<number, Flow>, attnum: number): Flow {
  if (attnum === 0) return computedFrom(AddressSet.ofFlow(mergeFlows([...columns.values()])));
  return columns.get(attnum) ?? nothing;
}

function fingerprint({ columns, conditions }: QueryFlow): string {
  const shown = [...columns].map(([resno, { copies, computed }]) => [resno, copies.list(), computed.list()]);
  return JSON.stringify([shown, conditions.list()]);
}
