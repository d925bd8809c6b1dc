/**
 * The node types that the gate knows, with their fields as the majors 13 to 18 write them. A tag or a
 * field that is not here makes the statement be refused: what is not understood never passes.
 *
 * `kids`: fields that hold nodes: `*` is a wrapped node or a list of such, a name is a bare struct of
 * that type. `scalars`: names, numbers, flags and enums.
 */
export interface NodeShape {
  readonly kids: Readonly<Record<string, string>>;
  readonly scalars: ReadonlySet<string>;
}

interface WrittenShape {
  readonly kids: Readonly<Record<string, string>>;
  readonly scalars: string;
}

const written: Readonly<Record<string, WrittenShape>> = {
  SelectStmt: {
    kids: {
      distinctClause: '*',
      intoClause: 'IntoClause',
      targetList: '*',
      fromClause: '*',
      whereClause: '*',
      groupClause: '*',
      havingClause: '*',
      windowClause: '*',
      valuesLists: '*',
      sortClause: '*',
      limitOffset: '*',
      limitCount: '*',
      lockingClause: '*',
      withClause: 'WithClause',
      larg: 'SelectStmt',
      rarg: 'SelectStmt',
    },
    scalars: 'groupDistinct limitOption op all',
  },
  ResTarget: { kids: { indirection: '*', val: '*' }, scalars: 'name location' },
  ColumnRef: { kids: { fields: '*' }, scalars: 'location' },
  ParamRef: { kids: {}, scalars: 'number location' },
  A_Const: {
    kids: { ival: 'Integer', fval: 'Float', boolval: 'Boolean', sval: 'String', bsval: 'BitString' },
    scalars: 'isnull location',
  },
  A_Expr: {
    kids: { name: '*', lexpr: '*', rexpr: '*' },
    scalars: 'kind rexpr_list_start rexpr_list_end location',
  },
  BoolExpr: { kids: { args: '*' }, scalars: 'boolop location' },
  FuncCall: {
    kids: { funcname: '*', args: '*', agg_order: '*', agg_filter: '*', over: 'WindowDef' },
    scalars: 'agg_within_group agg_star agg_distinct func_variadic funcformat location',
  },
  TypeCast: { kids: { arg: '*', typeName: 'TypeName' }, scalars: 'location' },
  TypeName: {
    kids: { names: '*', typmods: '*', arrayBounds: '*' },
    scalars: 'typeOid setof pct_type typemod location',
  },
  NullTest: { kids: { arg: '*' }, scalars: 'nulltesttype argisrow location' },
  BooleanTest: { kids: { arg: '*' }, scalars: 'booltesttype location' },
  SubLink: {
    kids: { testexpr: '*', operName: '*', subselect: '*' },
    scalars: 'subLinkType subLinkId location',
  },
  CaseExpr: { kids: { arg: '*', args: '*', defresult: '*' }, scalars: 'casetype casecollid location' },
  CaseWhen: { kids: { expr: '*', result: '*' }, scalars: 'location' },
  CoalesceExpr: { kids: { args: '*' }, scalars: 'coalescetype coalescecollid location' },
  MinMaxExpr: { kids: { args: '*' }, scalars: 'minmaxtype minmaxcollid inputcollid op location' },
  RowExpr: { kids: { args: '*', colnames: '*' }, scalars: 'row_typeid row_format location' },
  A_ArrayExpr: { kids: { elements: '*' }, scalars: 'list_start list_end location' },
  A_Indirection: { kids: { arg: '*', indirection: '*' }, scalars: '' },
  A_Indices: { kids: { lidx: '*', uidx: '*' }, scalars: 'is_slice' },
  A_Star: { kids: {}, scalars: '' },
  CollateClause: { kids: { arg: '*', collname: '*' }, scalars: 'location' },
  SQLValueFunction: { kids: {}, scalars: 'op type typmod location' },
  XmlExpr: {
    kids: { named_args: '*', arg_names: '*', args: '*' },
    scalars: 'op name xmloption indent type typmod location',
  },
  XmlSerialize: { kids: { expr: '*', typeName: 'TypeName' }, scalars: 'xmloption indent location' },
  GroupingFunc: { kids: { args: '*', refs: '*' }, scalars: 'agglevelsup location' },
  GroupingSet: { kids: { content: '*' }, scalars: 'kind location' },
  SetToDefault: { kids: {}, scalars: 'typeId typeMod collation location' },
  CurrentOfExpr: { kids: {}, scalars: 'cvarno cursor_name cursor_param' },
  MultiAssignRef: { kids: { source: '*' }, scalars: 'colno ncolumns' },
  NamedArgExpr: { kids: { arg: '*' }, scalars: 'name argnumber location' },
  SortBy: { kids: { node: '*', useOp: '*' }, scalars: 'sortby_dir sortby_nulls location' },
  WindowDef: {
    kids: { partitionClause: '*', orderClause: '*', startOffset: '*', endOffset: '*' },
    scalars: 'name refname frameOptions location',
  },
  WithClause: { kids: { ctes: '*' }, scalars: 'recursive location' },
  CommonTableExpr: {
    kids: {
      aliascolnames: '*',
      ctequery: '*',
      search_clause: 'CTESearchClause',
      cycle_clause: 'CTECycleClause',
      ctecolnames: '*',
      ctecoltypes: '*',
      ctecoltypmods: '*',
      ctecolcollations: '*',
    },
    scalars: 'ctename ctematerialized location cterecursive cterefcount',
  },
  CTESearchClause: {
    kids: { search_col_list: '*' },
    scalars: 'search_breadth_first search_seq_column location',
  },
  CTECycleClause: {
    kids: { cycle_col_list: '*', cycle_mark_value: '*', cycle_mark_default: '*' },
    scalars:
      'cycle_mark_column cycle_path_column location cycle_mark_type cycle_mark_typmod cycle_mark_collation cycle_mark_neop',
  },
  RangeVar: {
    kids: { alias: 'Alias' },
    scalars: 'catalogname schemaname relname inh relpersistence location',
  },
  Alias: { kids: { colnames: '*' }, scalars: 'aliasname' },
  RangeSubselect: { kids: { subquery: '*', alias: 'Alias' }, scalars: 'lateral' },
  RangeFunction: {
    kids: { functions: '*', alias: 'Alias', coldeflist: '*' },
    scalars: 'lateral ordinality is_rowsfrom',
  },
  RangeTableFunc: {
    kids: { docexpr: '*', rowexpr: '*', namespaces: '*', columns: '*', alias: 'Alias' },
    scalars: 'lateral location',
  },
  RangeTableFuncCol: {
    kids: { typeName: 'TypeName', colexpr: '*', coldefexpr: '*' },
    scalars: 'colname for_ordinality is_not_null location',
  },
  RangeTableSample: { kids: { relation: '*', method: '*', args: '*', repeatable: '*' }, scalars: 'location' },
  JoinExpr: {
    kids: { larg: '*', rarg: '*', usingClause: '*', join_using_alias: 'Alias', quals: '*', alias: 'Alias' },
    scalars: 'jointype isNatural rtindex',
  },
  LockingClause: { kids: { lockedRels: '*' }, scalars: 'strength waitPolicy' },
  IntoClause: {
    kids: { rel: 'RangeVar', colNames: '*', options: '*', viewQuery: '*' },
    scalars: 'accessMethod onCommit tableSpaceName skipData',
  },
  List: { kids: { items: '*' }, scalars: '' },
  String: { kids: {}, scalars: 'sval' },
  Integer: { kids: {}, scalars: 'ival' },
  Float: { kids: {}, scalars: 'fval' },
  Boolean: { kids: {}, scalars: 'boolval' },
  BitString: { kids: {}, scalars: 'bsval' },
  ColumnDef: {
    kids: {
      typeName: 'TypeName',
      raw_default: '*',
      cooked_default: '*',
      identitySequence: 'RangeVar',
      collClause: 'CollateClause',
      constraints: '*',
      fdwoptions: '*',
    },
    scalars:
      'colname compression inhcount is_local is_not_null is_from_type storage storage_name identity generated collOid location',
  },
  Constraint: {
    kids: {
      raw_expr: '*',
      keys: '*',
      including: '*',
      exclusions: '*',
      options: '*',
      where_clause: '*',
      pktable: 'RangeVar',
      fk_attrs: '*',
      pk_attrs: '*',
      fk_del_set_cols: '*',
      old_conpfeqop: '*',
    },
    scalars:
      'contype conname deferrable initdeferred is_enforced skip_validation initially_valid is_no_inherit cooked_expr generated_when generated_kind nulls_not_distinct without_overlaps indexname indexspace reset_default_tblspc access_method fk_with_period pk_with_period fk_matchtype fk_upd_action fk_del_action old_pktable_oid location',
  },
  InsertStmt: {
    kids: {
      relation: 'RangeVar',
      cols: '*',
      selectStmt: '*',
      onConflictClause: 'OnConflictClause',
      returningClause: 'ReturningClause',
      withClause: 'WithClause',
    },
    scalars: 'override',
  },
  UpdateStmt: {
    kids: {
      relation: 'RangeVar',
      targetList: '*',
      whereClause: '*',
      fromClause: '*',
      returningClause: 'ReturningClause',
      withClause: 'WithClause',
    },
    scalars: '',
  },
  DeleteStmt: {
    kids: {
      relation: 'RangeVar',
      usingClause: '*',
      whereClause: '*',
      returningClause: 'ReturningClause',
      withClause: 'WithClause',
    },
    scalars: '',
  },
  MergeStmt: {
    kids: {
      relation: 'RangeVar',
      sourceRelation: '*',
      joinCondition: '*',
      mergeWhenClauses: '*',
      returningClause: 'ReturningClause',
      withClause: 'WithClause',
    },
    scalars: '',
  },
  MergeWhenClause: {
    kids: { condition: '*', targetList: '*', values: '*' },
    scalars: 'matchKind commandType override',
  },
  MergeSupportFunc: { kids: {}, scalars: 'msftype msfcollid location' },
  OnConflictClause: {
    kids: { infer: 'InferClause', targetList: '*', whereClause: '*' },
    scalars: 'action location',
  },
  InferClause: { kids: { indexElems: '*', whereClause: '*' }, scalars: 'conname location' },
  IndexElem: {
    kids: { expr: '*', collation: '*', opclass: '*', opclassopts: '*' },
    scalars: 'name indexcolname ordering nulls_ordering',
  },
  ReturningClause: { kids: { options: '*', exprs: '*' }, scalars: '' },
  ReturningOption: { kids: {}, scalars: 'option value location' },
  DefElem: { kids: { arg: '*' }, scalars: 'defnamespace defname defaction location' },
  CreateTableAsStmt: {
    kids: { query: '*', into: 'IntoClause' },
    scalars: 'objtype is_select_into if_not_exists',
  },
  CreateStmt: {
    kids: {
      relation: 'RangeVar',
      tableElts: '*',
      inhRelations: '*',
      ofTypename: 'TypeName',
      constraints: '*',
      nnconstraints: '*',
      options: '*',
    },
    scalars: 'oncommit tablespacename accessMethod if_not_exists',
  },
  AlterTableStmt: { kids: { relation: 'RangeVar', cmds: '*' }, scalars: 'objtype missing_ok' },
  AlterTableCmd: {
    kids: { newowner: 'RoleSpec', def: '*' },
    scalars: 'subtype name num behavior missing_ok recurse',
  },
  RoleSpec: { kids: {}, scalars: 'roletype rolename location' },
  RenameStmt: {
    kids: { relation: 'RangeVar', object: '*' },
    scalars: 'renameType relationType subname newname behavior missing_ok',
  },
  VacuumStmt: { kids: { options: '*', rels: '*' }, scalars: 'is_vacuumcmd' },
  VacuumRelation: { kids: { relation: 'RangeVar', va_cols: '*' }, scalars: 'oid' },
  TableLikeClause: { kids: { relation: 'RangeVar' }, scalars: 'options relationOid' },
  IndexStmt: {
    kids: {
      relation: 'RangeVar',
      indexParams: '*',
      indexIncludingParams: '*',
      options: '*',
      whereClause: '*',
      excludeOpNames: '*',
    },
    scalars:
      'idxname accessMethod tableSpace idxcomment indexOid oldNumber oldCreateSubid oldFirstRelfilelocatorSubid unique nulls_not_distinct primary isconstraint iswithoutoverlaps deferrable initdeferred transformed concurrent if_not_exists reset_default_tblspc',
  },
  CopyStmt: {
    kids: { relation: 'RangeVar', query: '*', attlist: '*', options: '*', whereClause: '*' },
    scalars: 'is_from is_program filename',
  },
  ExplainStmt: { kids: { query: '*', options: '*' }, scalars: '' },
  DeclareCursorStmt: { kids: { query: '*' }, scalars: 'portalname options' },
  FetchStmt: { kids: {}, scalars: 'direction howMany portalname ismove' },
  ClosePortalStmt: { kids: {}, scalars: 'portalname' },
  PrepareStmt: { kids: { argtypes: '*', query: '*' }, scalars: 'name' },
  ExecuteStmt: { kids: { params: '*' }, scalars: 'name' },
  DeallocateStmt: { kids: {}, scalars: 'name isall location' },
  TransactionStmt: { kids: { options: '*' }, scalars: 'kind savepoint_name gid chain location' },
  VariableSetStmt: { kids: { args: '*' }, scalars: 'kind name jumble_args is_local location' },
  VariableShowStmt: { kids: {}, scalars: 'name' },
  DiscardStmt: { kids: {}, scalars: 'target' },
  LockStmt: { kids: { relations: '*' }, scalars: 'mode nowait' },
  NotifyStmt: { kids: {}, scalars: 'conditionname payload' },
  ListenStmt: { kids: {}, scalars: 'conditionname' },
  UnlistenStmt: { kids: {}, scalars: 'conditionname' },
  DropStmt: { kids: { objects: '*' }, scalars: 'removeType behavior missing_ok concurrent' },
  CallStmt: { kids: { funccall: 'FuncCall', outargs: '*' }, scalars: '' },
  ViewStmt: {
    kids: { view: 'RangeVar', aliases: '*', query: '*', options: '*' },
    scalars: 'replace withCheckOption',
  },
  TruncateStmt: { kids: { relations: '*' }, scalars: 'restart_seqs behavior' },
  ConstraintsSetStmt: { kids: { constraints: '*' }, scalars: 'deferred' },
  JsonFormat: { kids: {}, scalars: 'format_type encoding location' },
  JsonReturning: { kids: { format: 'JsonFormat' }, scalars: 'typid typmod' },
  JsonValueExpr: { kids: { raw_expr: '*', formatted_expr: '*', format: 'JsonFormat' }, scalars: '' },
  JsonOutput: { kids: { typeName: 'TypeName', returning: 'JsonReturning' }, scalars: '' },
  JsonKeyValue: { kids: { key: '*', value: 'JsonValueExpr' }, scalars: '' },
  JsonObjectConstructor: {
    kids: { exprs: '*', output: 'JsonOutput' },
    scalars: 'absent_on_null unique location',
  },
  JsonArrayConstructor: { kids: { exprs: '*', output: 'JsonOutput' }, scalars: 'absent_on_null location' },
  JsonArrayQueryConstructor: {
    kids: { query: '*', output: 'JsonOutput', format: 'JsonFormat' },
    scalars: 'absent_on_null location',
  },
  JsonAggConstructor: {
    kids: { output: 'JsonOutput', agg_filter: '*', agg_order: '*', over: 'WindowDef' },
    scalars: 'location',
  },
  JsonObjectAgg: {
    kids: { constructor: 'JsonAggConstructor', arg: 'JsonKeyValue' },
    scalars: 'absent_on_null unique',
  },
  JsonArrayAgg: {
    kids: { constructor: 'JsonAggConstructor', arg: 'JsonValueExpr' },
    scalars: 'absent_on_null',
  },
  JsonIsPredicate: { kids: { expr: '*', format: 'JsonFormat' }, scalars: 'item_type unique_keys location' },
  JsonParseExpr: { kids: { expr: 'JsonValueExpr', output: 'JsonOutput' }, scalars: 'unique_keys location' },
  JsonScalarExpr: { kids: { expr: '*', output: 'JsonOutput' }, scalars: 'location' },
  JsonSerializeExpr: { kids: { expr: 'JsonValueExpr', output: 'JsonOutput' }, scalars: 'location' },
  JsonFuncExpr: {
    kids: {
      context_item: 'JsonValueExpr',
      pathspec: '*',
      passing: '*',
      output: 'JsonOutput',
      on_empty: 'JsonBehavior',
      on_error: 'JsonBehavior',
    },
    scalars: 'op column_name wrapper quotes location',
  },
  JsonArgument: { kids: { val: 'JsonValueExpr' }, scalars: 'name' },
  JsonBehavior: { kids: { expr: '*' }, scalars: 'btype coerce location' },
  JsonTable: {
    kids: {
      context_item: 'JsonValueExpr',
      pathspec: 'JsonTablePathSpec',
      passing: '*',
      columns: '*',
      on_error: 'JsonBehavior',
      alias: 'Alias',
    },
    scalars: 'lateral location',
  },
  JsonTableColumn: {
    kids: {
      typeName: 'TypeName',
      pathspec: 'JsonTablePathSpec',
      format: 'JsonFormat',
      columns: '*',
      on_empty: 'JsonBehavior',
      on_error: 'JsonBehavior',
    },
    scalars: 'coltype name wrapper quotes location',
  },
  JsonTablePathSpec: { kids: { string: '*' }, scalars: 'name name_location location' },
  Null: { kids: {}, scalars: '' },
};

/** What the majors before 18 have besides. */
const older: Readonly<Record<string, WrittenShape>> = {
  A_Const: { kids: { val: '*' }, scalars: '' },
  String: { kids: {}, scalars: 'str' },
  Float: { kids: {}, scalars: 'str' },
  BitString: { kids: {}, scalars: 'str' },
  InsertStmt: { kids: { returningList: '*' }, scalars: '' },
  UpdateStmt: { kids: { returningList: '*' }, scalars: '' },
  DeleteStmt: { kids: { returningList: '*' }, scalars: '' },
  MergeStmt: { kids: { returningList: '*' }, scalars: '' },
  MergeWhenClause: { kids: {}, scalars: 'matched' },
  AlterTableStmt: { kids: {}, scalars: 'relkind' },
  CreateTableAsStmt: { kids: {}, scalars: 'relkind' },
  IndexStmt: { kids: {}, scalars: 'oldNode' },
};

function shapes(): ReadonlyMap<string, NodeShape> {
  const result = new Map<string, NodeShape>();
  for (const [tag, shape] of Object.entries(written)) {
    const more = older[tag];
    result.set(tag, {
      kids: { ...shape.kids, ...more?.kids },
      scalars: new Set(`${shape.scalars} ${more?.scalars ?? ''}`.split(' ').filter((name) => name !== '')),
    });
  }
  return result;
}

/** Every known node type by tag. */
export const nodeShapes: ReadonlyMap<string, NodeShape> = shapes();
