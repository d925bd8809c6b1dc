/**
 * The reviewed rules that sort pg_catalog's functions into allowed and denied. `scripts/generate-function-lists.ts`
 * applies them to a running server of each major version; the outcome is committed as `<major>.json`, so that a new
 * function of a new version shows up as a line in a diff.
 *
 * 1. What a refusal names is denied.
 * 2. An immutable function computes from its arguments alone: PostgreSQL promises it for its own. It is allowed.
 * 3. Of the others those are allowed that an allowance names.
 * 4. Everything else is denied.
 *
 * A name is allowed only if every overload that SQL can call is.
 *
 * Review, for a new major version and whenever a rule changes: start with the diff of `<major>.json`, then go through the
 * allowed names that are not immutable or whose language is SQL (pg_proc.provolatile, prolang). Of each ask what
 * it does besides computing from its arguments: does it run SQL text, or take a name or number of a type, relation
 * or function and run its code (`domain_in`, `pg_input_is_valid`)? Does it read a relation, a file, a large object,
 * column statistics, another session? Does it outlive the session? Does its body look names up when it runs?
 * One yes means a refusal here, or a rule of its own in gate/careful-functions.ts when clients need it.
 */

/** One overload, as the generator reads it from pg_proc. */
export interface FunctionRow {
  readonly name: string;
  readonly immutable: boolean;
  /** Takes or returns `internal`, a trigger or a handler type: SQL cannot call it. */
  readonly uncallable: boolean;
}

/** What is committed for a major version. */
export interface FunctionList {
  readonly major: number;
  readonly allowed: readonly string[];
  /** Judged by the gate argument by argument; here neither allowed nor unknown. */
  readonly special: readonly string[];
  readonly denied: Readonly<Record<string, readonly string[]>>;
}

/** The gate has a rule of its own for each. */
const special: ReadonlySet<string> = new Set(['set_config', 'nextval', 'currval', 'lastval', 'setval']);

const refusals: readonly (readonly [reason: string, names: RegExp])[] = [
  ['runs SQL text', /^((query|cursor)_to_xml\w*|ts_stat|ts_rewrite)$/],
  ['reads relations by name', /^((table|schema|database)_to_xml\w*|currtid2?|satisfies_hash_partition)$/],
  ['large objects outlive the session', /^(lo_\w+|loread|lowrite)$/],
  [
    'reads files',
    /^(pg_read_\w+|pg_ls_\w+|pg_stat_file|pg_current_logfile|pg_(hba|ident)_file_\w+|pg_show_all_file_settings)$/,
  ],
  [
    'controls other sessions or the server',
    /^(pg_(cancel|terminate)_backend|pg_reload_conf|pg_rotate_logfile\w*|pg_promote|pg_log_\w+|pg_stat_reset\w*|pg_stat_force_next_flush|setseed_all)$/,
  ],
  [
    'shows other sessions',
    /^(pg_stat_get_(activity|backend_\w+|wal_senders|wal_receiver|progress_info|subscription\w*|replication_slot\w*)|pg_lock_status|pg_prepared_xact|pg_export_snapshot|pg_get_(backend|shmem)_\w+|pg_isolation_\w+|pg_get_aios)$/,
  ],
  ['runs the checks of a type given by number', /^(array|domain|enum|multirange|range|record)_in$/],
  ['shows column statistics', /^(pg_mcv_list_items|pg_(clear|restore)_\w+_stats)$/],
  [
    'replication, backup and WAL',
    /^(pg_(create|drop|copy|sync|replication)_\w*(slot|origin|point)\w*|pg_replication_\w+|pg_logical_\w+|pg_show_replication\w*|pg_get_replication_slots|pg_switch_wal|pg_wal_(replay|summary)_\w+|pg_(start|stop)_backup|pg_backup_\w+|pg_available_wal_summaries|pg_get_wal_(summarizer|resource)\w*|pg_is_in_backup)$/,
  ],
  [
    'upgrade, maintenance and event triggers',
    /^(binary_upgrade_\w+|brin_(summarize|desummarize)_\w+|gin_clean_pending_list|pg_event_trigger_\w+|pg_import_\w+|pg_nextoid|pg_extension_config_dump|pg_stop_making_pinned_objects|\w+_validator|amvalidate)$/,
  ],
];

const allowances: readonly (readonly [group: string, names: RegExp])[] = [
  [
    'date and time',
    /^(age|clock_timestamp|now|(statement|transaction)_timestamp|timeofday|date|date_\w+|time|timetz|timestamp|timestamptz|timestamp_\w+|timestamptz_\w+|interval_\w+|extract|make_timestamptz|overlaps|in_range|timezone|generate_series|to_char|to_date|to_number|to_timestamp|pg_timezone_(names|abbrevs)\w*)$/,
  ],
  [
    'text and numbers',
    /^(concat|concat_ws|format|quote_literal|quote_nullable|convert|convert_from|convert_to|length|array_\w+|anytextcat|textanycat|money|cash_\w+|numeric|random|random_normal|setseed|gen_random_uuid|uuidv[0-9]+)$/,
  ],
  ['json', /^(jsonb?_\w+|to_jsonb?|row_to_json)$/],
  [
    'text search',
    /^(to_tsvector|\w*to_tsquery|ts_headline|ts_match_\w+|ts_parse|ts_token_type|ts_debug|get_current_ts_config)$/,
  ],
  ['xml values', /^(xml|xml_is_well_formed\w*)$/],
  [
    'input and output of types',
    /^((any\w*|array|cash|date|domain|enum|interval|multirange|range|record|time|timetz|timestamp|timestamptz|xml|aclitem|reg\w+)_?(in|out|send|recv)|(bpchar|varchar|text|name|cstring|pg_node_tree)_?send|enum_(first|last|range)|regclass)$/,
  ],
  [
    'the session itself',
    /^(current_(database|query|schema|schemas|setting|user)|session_user|system_user|getpgusername|version|pg_backend_pid|inet_(client|server)_(addr|port)|pg_client_encoding|getdatabaseencoding|pg_encoding_to_char|pg_char_to_encoding|pg_conf_load_time|pg_postmaster_start_time|pg_trigger_depth|pg_my_temp_schema|pg_is_other_temp_schema|pg_jit_available|pg_numa_available|pg_listening_channels|pg_notification_queue_usage|pg_notify|pg_sleep\w*|row_security_active|pg_stat_clear_snapshot)$/,
  ],
  [
    'transactions and locks of one’s own',
    /^(pg_(try_)?advisory_\w+|txid_\w+|pg_current_xact_id\w*|pg_current_snapshot|pg_xact_\w+|mxid_age|pg_(safe_snapshot_)?blocking_pids)$/,
  ],
  [
    'what a value is',
    /^(pg_typeof|pg_basetype|pg_collation_for|pg_column_size|pg_column_compression|pg_input_is_valid|pg_input_error_info)$/,
  ],
  [
    'names and definitions in the catalogues',
    /^(pg_\w+_is_visible|format_type|has_\w+_privilege|pg_has_role|(obj|col|shobj)_description|to_reg\w+|pg_describe_object|pg_identify_object\w*|pg_get_object_address|pg_get_(\w+def|\w+def_\w+|expr|function_\w+|serial_sequence|userbyid|keywords|catalog_foreign_keys|acl|publication_tables|replica_identity_index)|pg_options_to_table|pg_(index|index_column|indexam)_has_property|pg_(relation|column)_is_updatable|pg_relation_is_publishable|pg_relation_file(node|path)|pg_filenode_relation|pg_partition_\w+|pg_sequence_(parameters|last_value)|pg_get_sequence_data|aclexplode|oidvectortypes|pg_available_extension\w*|pg_extension_update_paths|pg_(database_)?collation_actual_version|pg_tablespace_(databases|location)|pg_settings_get_flags)$/,
  ],
  [
    'sizes and counters',
    /^(pg_(relation|table|indexes|total_relation|database|tablespace)_size|pg_stat_get_\w+|pg_stat_have_stats)$/,
  ],
  [
    'the state of a standby',
    /^(pg_is_in_recovery|pg_is_wal_replay_paused|pg_get_wal_replay_pause_state|pg_last_(wal|xact)_\w+|pg_current_wal_\w*lsn)$/,
  ],
];

const notCallable = 'cannot be called from SQL';
const notReviewed = 'no rule allows it';

/** Applies the rules. Names are sorted by code unit, so that the text does not depend on the server's order. */
export function classifyFunctions(major: number, rows: readonly FunctionRow[]): FunctionList {
  const allowed: string[] = [];
  const denied = new Map<string, string[]>();
  const present = new Set<string>();
  for (const [name, overloads] of Map.groupBy(rows, (row) => row.name)) {
    if (special.has(name)) {
      present.add(name);
      continue;
    }
    const reason = refusalOf(name, overloads);
    if (reason === null) allowed.push(name);
    else denied.set(reason, [...(denied.get(reason) ?? []), name]);
  }
  return {
    major,
    allowed: allowed.sort(),
    special: [...present].sort(),
    denied: Object.fromEntries(
      [...denied]
        .map(([reason, names]) => [reason, names.sort()] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function refusalOf(name: string, overloads: readonly FunctionRow[]): string | null {
  const refusal = refusals.find(([, names]) => names.test(name));
  if (refusal !== undefined) return refusal[0];
  const callable = overloads.filter((overload) => !overload.uncallable);
  if (callable.length === 0) return notCallable;
  if (callable.every((overload) => overload.immutable)) return null;
  return allowances.some(([, names]) => names.test(name)) ? null : notReviewed;
}
