/**
 * Queries without a server: `select * from events` gives a million rows, `hostile` awkward ones, `payments` is refused,
 * `pg_sleep` runs until it is cancelled, everything else shows customers. Tests only.
 */
import { AppError } from '@daam/shared/errors/app-error';
import type { QueryMethods } from '../backend.ts';
import { cutForWindow, packRows } from '../packed-rows.ts';
import type { BridgeEvent, Export, Params, Query, QueryResult, StatementState } from '../schema.ts';
import {
  sampleCustomers,
  sampleDenial,
  sampleHostile,
  sampleMillion,
  samplePlan,
  type SampleTable,
} from './sample-results.ts';
import { sampleTime } from './sample.ts';

const pageRows = 1_000;

interface Kept {
  readonly result: QueryResult;
  readonly table: SampleTable;
}

export class MemoryQueries {
  readonly methods: QueryMethods;
  readonly #emit: (event: BridgeEvent) => void;
  readonly #queries = new Map<string, Query>();
  readonly #results = new Map<string, Kept>();
  readonly #exports = new Map<string, Export>();
  #next = 1;

  constructor(emit: (event: BridgeEvent) => void) {
    this.#emit = emit;
    this.methods = {
      runQuery: async (asked) => this.#run(asked),
      cancelQuery: async ({ tab }) => {
        const query = this.#find(tab);
        if (query.run?.state !== 'running') return {};
        this.#tell({ ...query, run: { ...query.run, state: 'cancelling' } });
        const statements = query.run.statements.map((each) =>
          each.state === 'running' ? { ...each, state: 'cancelled' as const } : each,
        );
        this.#tell({ ...query, run: { ...query.run, state: 'cancelled', tookMs: 4_200, statements } });
        return {};
      },
      endSession: async ({ tab }) => {
        this.#tell({ ...this.#find(tab), session: { kind: 'none' } });
        return {};
      },
      endTransaction: async ({ tab }) =>
        this.#tell({
          ...this.#find(tab),
          session: { kind: 'open', transaction: 'none', transactionSince: null, since: sampleTime },
        }),
      closeQuery: async ({ tab }) => {
        for (const [id, { result }] of this.#results) if (result.tab === tab) this.#results.delete(id);
        if (this.#queries.delete(tab)) this.#emit({ event: 'queryClosed', payload: { tab } });
        return {};
      },
      listQueries: async () => [...this.#queries.values()],
      explainStatement: async () => ({
        outcome: 'allow',
        denial: null,
        tier: 'either',
        taint: null,
        statements: [],
        epoch: 12,
        truncated: false,
      }),
      describeResult: async ({ result }) => this.#kept(result).result,
      loadRows: async ({ result, how }) => this.#load(result, how),
      readRows: async ({ result, first, rows }) => this.#window(result, first, rows),
      readCell: async ({ result, row, column, from }) => {
        const value = this.#kept(result).table.text(row, column);
        return { value: value === null ? null : value.slice(from), length: value?.length ?? 0, next: null };
      },
      saveCell: async ({ result, row, column }) => {
        const bytes = this.#kept(result).table.text(row, column)?.length ?? 0;
        return { file: '/home/dev/Downloads/orders-cell.bin', bytes };
      },
      searchRows: async (asked) => this.#search(asked),
      arrangeRows: async ({ result }) => ({ view: `view-${result}`, rows: this.#kept(result).result.rows }),
      copyRows: async (asked) => this.#copy(asked),
      readPlan: async () => ({ json: samplePlan, text: 'Sort  (cost=812.10..818.35 rows=2500 width=96)' }),
      pinResult: async ({ result, isPinned }) => this.#keep({ ...this.#kept(result).result, isPinned }),
      closeResult: async ({ result }) => {
        if (this.#results.delete(result)) this.#emit({ event: 'resultClosed', payload: { result } });
        return {};
      },
      startExport: async ({ result, format }) => {
        const { rows, name } = this.#kept(result).result;
        return this.#export({
          kind: 'result',
          result,
          format,
          rows,
          file: `/home/dev/Downloads/orders-${name}.${format}`,
        });
      },
      startAuditExport: async () =>
        this.#export({
          kind: 'audit',
          result: null,
          format: 'jsonl',
          rows: 0,
          file: '/home/dev/Downloads/audit.jsonl',
        }),
      cancelExport: async () => ({}),
      listExports: async () => [...this.#exports.values()],
    };
  }

  /** What an administrator's change would do to an open tab. */
  changePolicy(tab: string, message: string): void {
    this.#tell({ ...this.#find(tab), policyChanged: { at: sampleTime, message } });
    for (const { result } of this.#results.values())
      if (result.tab === tab) this.#keep({ ...result, isOutdated: true });
  }

  /** Rows come as they do from a server: some at a time, with turns of the event loop between them. */
  async stream(
    tab: string,
    { rows, atOnce }: { readonly rows: number; readonly atOnce: number },
  ): Promise<void> {
    const id = this.#find(tab).results.at(-1) ?? '';
    for (let count = atOnce; count <= rows; count += atOnce) {
      this.#keep({ ...this.#kept(id).result, rows: count, state: count < rows ? 'loading' : 'complete' });
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }

  #run({ tab, database, sql, mode, confirmed, transaction, keepResults }: Params<'runQuery'>) {
    const risky = /^\s*(update|delete)\b(?!.*\bwhere\b)/is.exec(sql);
    if (risky !== null && !confirmed) {
      const message = 'It has no WHERE: every row of the table would be changed.';
      return {
        kind: 'confirm' as const,
        cautions: [{ kind: 'no-where' as const, from: 0, to: sql.length, message }],
      };
    }
    const run = `run-${this.#next++}`;
    const results: string[] = keepResults ? [...(this.#queries.get(tab)?.results ?? [])] : [];
    const statements = split(sql).map(({ from, to, text }, index): StatementState => {
      const base = {
        from,
        to,
        tag: null,
        rows: 0,
        firstRowMs: null,
        tookMs: null,
        result: null,
        error: null,
        notices: [],
      };
      if (/payments/i.test(text)) return { ...base, state: 'failed', tookMs: 3, error: sampleDenial };
      if (/pg_sleep/i.test(text)) return { ...base, state: 'running' };
      if (!/^\s*(select|table|with|explain|values|show)/i.test(text))
        return { ...base, state: 'done', tag: 'UPDATE 1', rows: 1, tookMs: 5 };
      const { id, rows } = this.#addResult({ tab, database, run, statement: index, text, mode });
      results.push(id);
      return { ...base, state: 'done', tag: `SELECT ${rows}`, rows, firstRowMs: 38, tookMs: 212, result: id };
    });
    const isRunning = statements.some(({ state }) => state === 'running');
    const isFailed = statements.some(({ state }) => state === 'failed');
    const isOpen = transaction === 'manual' || /^\s*begin\b/i.test(sql);
    this.#tell({
      tab,
      database,
      session: {
        kind: 'open',
        transaction: isOpen ? 'open' : 'none',
        transactionSince: isOpen ? sampleTime : null,
        since: sampleTime,
      },
      run: {
        id: run,
        state: isRunning ? 'running' : isFailed ? 'failed' : 'done',
        startedAt: sampleTime,
        tookMs: isRunning ? null : 215,
        statements,
      },
      results,
      policyChanged: null,
    });
    return { kind: 'started' as const, run };
  }

  #addResult({
    text,
    mode,
    ...of
  }: {
    tab: string;
    database: string;
    run: string;
    statement: number;
    text: string;
    mode: string;
  }): QueryResult {
    const table = /\bevents\b/i.test(text)
      ? sampleMillion
      : /\bhostile\b/i.test(text)
        ? sampleHostile
        : sampleCustomers;
    const rows = Math.min(table.rows, table === sampleMillion ? table.rows : pageRows);
    const id = `result-${this.#next++}`;
    this.#results.set(id, { table, result: undefined as never });
    return this.#keep({
      ...of,
      id,
      name: table.name,
      kind: mode === 'run' ? 'rows' : 'plan',
      columns: [...table.columns],
      rows,
      bytes: rows * 200,
      state: rows < table.rows ? 'paused' : 'complete',
      maskedColumns: table.columns.filter(({ shows }) => shows === 'masked').length,
      policies: [{ name: 'analyst', version: 12 }],
      isOutdated: false,
      isPinned: false,
      at: sampleTime,
    });
  }

  #load(id: string, how: 'next' | 'all'): QueryResult {
    const { result, table } = this.#kept(id);
    const rows = how === 'all' ? table.rows : Math.min(table.rows, result.rows + pageRows);
    return this.#keep({ ...result, rows, state: rows < table.rows ? 'paused' : 'complete' });
  }

  #window(id: string, first: number, rows: number) {
    const { result, table } = this.#kept(id);
    const count = Math.max(0, Math.min(rows, result.rows - first));
    const encoder = new TextEncoder();
    const whole = Array.from({ length: count * table.columns.length }, (_, cell) => {
      const text = table.text(first + Math.floor(cell / table.columns.length), cell % table.columns.length);
      return text === null ? null : encoder.encode(text);
    });
    const cut = whole.map((cell) => (cell === null ? null : cutForWindow(cell)));
    const packed = packRows(table.columns.length, cut, (cell) => cut[cell]?.length !== whole[cell]?.length);
    return { first, rows: count, packed: Buffer.from(packed).toString('base64') };
  }

  #search({ result: id, text, from, limit, isCaseSensitive }: Params<'searchRows'>) {
    const { result, table } = this.#kept(id);
    const fold = (value: string): string => (isCaseSensitive ? value : value.toLowerCase());
    const matches: { row: number; column: number }[] = [];
    const last = Math.min(result.rows, from + 50_000);
    for (let row = from; row < last; row += 1) {
      if (matches.length >= limit) return { matches: matches.slice(0, limit), next: row };
      for (let column = 0; column < table.columns.length; column += 1) {
        const value = table.text(row, column);
        if (value !== null && fold(value).includes(fold(text)) && matches.length < 1_000)
          matches.push({ row, column });
      }
    }
    return { matches: matches.slice(0, limit), next: last < result.rows ? last : null };
  }

  #copy({ result, rows, columns, hasHeader }: Params<'copyRows'>) {
    const { table } = this.#kept(result);
    const lines = hasHeader ? [columns.map((column) => table.columns[column]?.name ?? '').join('\t')] : [];
    for (const { first, last } of rows) {
      for (let row = first; row < last; row += 1) {
        lines.push(columns.map((column) => table.text(row, column) ?? '').join('\t'));
      }
    }
    const copied = rows.reduce((sum, { first, last }) => sum + last - first, 0);
    const maskedColumns = columns.filter((column) => table.columns[column]?.shows === 'masked').length;
    return { text: lines.join('\n'), rows: copied, maskedColumns };
  }

  #export(of: Pick<Export, 'kind' | 'result' | 'format' | 'rows' | 'file'>): Export {
    const made: Export = {
      ...of,
      id: `export-${this.#next++}`,
      state: 'done',
      totalRows: of.rows,
      bytes: of.rows * 100,
      startedAt: sampleTime,
      error: null,
    };
    this.#exports.set(made.id, made);
    this.#emit({ event: 'exportChanged', payload: { export: made } });
    return made;
  }

  #kept(id: string): Kept {
    const kept = this.#results.get(id);
    if (kept === undefined) throw new AppError('NOT_FOUND', { field: 'result' });
    return kept;
  }

  #keep(result: QueryResult): QueryResult {
    this.#results.set(result.id, { ...this.#kept(result.id), result });
    this.#emit({ event: 'resultChanged', payload: { result } });
    return result;
  }

  #find(tab: string): Query {
    const query = this.#queries.get(tab);
    if (query === undefined) throw new AppError('NOT_FOUND', { field: 'tab' });
    return query;
  }

  #tell(query: Query): Query {
    this.#queries.set(query.tab, query);
    this.#emit({ event: 'queryChanged', payload: { query } });
    return query;
  }
}

function split(sql: string): { from: number; to: number; text: string }[] {
  const found: { from: number; to: number; text: string }[] = [];
  let from = 0;
  for (const piece of sql.split(';')) {
    if (piece.trim() !== '') found.push({ from, to: from + piece.length, text: piece });
    from += piece.length + 1;
  }
  return found;
}
