import { describe, expect, it } from 'vitest';
import { supportedMajors } from '../../domain/postgres-version.ts';
import { loadFunctionAllowList } from './allow-list.ts';
import { classifyFunctions } from './rules.ts';

const row = (name: string, over: { immutable?: boolean; uncallable?: boolean } = {}) => ({
  name,
  immutable: over.immutable ?? true,
  uncallable: over.uncallable ?? false,
});

describe.each(supportedMajors)('the function list of PostgreSQL %i', (major) => {
  const list = loadFunctionAllowList(major);

  it('refuses what runs SQL, reads relations, files or large objects, or reaches beyond the session', () => {
    const dangerous = [
      'query_to_xml',
      'cursor_to_xml',
      'table_to_xml',
      'schema_to_xml',
      'database_to_xml',
      'ts_stat',
      'ts_rewrite',
      'lo_import',
      'lo_export',
      'lo_get',
      'lo_put',
      'lo_from_bytea',
      'loread',
      'pg_read_file',
      'pg_read_binary_file',
      'pg_ls_dir',
      'pg_stat_file',
      'pg_terminate_backend',
      'pg_cancel_backend',
      'pg_reload_conf',
      'pg_logical_emit_message',
      'pg_logical_slot_get_changes',
      'pg_create_logical_replication_slot',
      'pg_mcv_list_items',
      'pg_stat_get_activity',
      'pg_export_snapshot',
      'set_config',
      'setval',
      'domain_in',
      'record_in',
      'array_in',
      'range_in',
    ];
    expect(dangerous.filter((name) => list.isAllowed(name))).toEqual([]);
    expect(dangerous.filter((name) => !list.isKnown(name))).toEqual([]);
  });

  it('allows what clients call to introspect and what people call every day', () => {
    const needed = [
      'pg_get_viewdef',
      'pg_get_indexdef',
      'pg_get_constraintdef',
      'pg_get_expr',
      'pg_get_functiondef',
      'pg_get_function_result',
      'pg_get_function_arguments',
      'pg_get_userbyid',
      'pg_get_serial_sequence',
      'pg_get_partkeydef',
      'pg_get_triggerdef',
      'pg_get_statisticsobjdef',
      'pg_get_ruledef',
      'pg_table_is_visible',
      'pg_function_is_visible',
      'pg_type_is_visible',
      'format_type',
      'has_table_privilege',
      'has_schema_privilege',
      'has_column_privilege',
      'has_database_privilege',
      'pg_has_role',
      'obj_description',
      'col_description',
      'shobj_description',
      'pg_relation_size',
      'pg_total_relation_size',
      'pg_table_size',
      'pg_database_size',
      'pg_size_pretty',
      'pg_encoding_to_char',
      'array_to_string',
      'to_regclass',
      'current_schema',
      'current_schemas',
      'current_setting',
      'version',
      'pg_backend_pid',
      'pg_is_in_recovery',
      'txid_current',
      'generate_series',
      'now',
      'to_char',
      'lower',
      'substr',
      'count',
      'sum',
      'row_number',
      'string_agg',
      'array_agg',
      'unnest',
      'jsonb_build_object',
      'row_to_json',
      'md5',
      'gen_random_uuid',
      'pg_sleep',
      'pg_notify',
      'pg_advisory_lock',
    ];
    expect(needed.filter((name) => !list.isAllowed(name))).toEqual([]);
  });

  it('does not know names that the server has not', () => {
    expect(list.isKnown('dblink')).toBe(false);
    expect(list.isKnown('constructor')).toBe(false);
  });
});

describe('classifyFunctions', () => {
  it('denies what no rule names, unless it is immutable', () => {
    const list = classifyFunctions(18, [row('brand_new', { immutable: false }), row('pure')]);
    expect(list.allowed).toEqual(['pure']);
    expect(list.denied).toEqual({ 'no rule allows it': ['brand_new'] });
  });

  it('allows a name only if each overload that SQL can call may be', () => {
    const list = classifyFunctions(18, [
      row('mixed'),
      row('mixed', { immutable: false }),
      row('partly', { immutable: false, uncallable: true }),
      row('partly'),
    ]);
    expect(list.allowed).toEqual(['partly']);
  });

  it('lets a refusal win over being immutable', () => {
    expect(classifyFunctions(18, [row('query_to_xml'), row('lo_anything')]).allowed).toEqual([]);
  });
});
