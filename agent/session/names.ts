import type { Denial, SessionEffect, SessionNames, StatementVerdict } from '@daam/shared/sql/verdict';
import type { AllowedVerdict, StatementRights } from './prepared.ts';

/** A statement that SQL prepared (PREPARE), as it must be decided again when the policy changes. */
export interface PreparedInSql {
  /** The client's whole text; null when other statements stood beside it. */
  readonly text: string | null;
  /** What the server was sent; null: the policy forbids it, and the server has it no more. */
  readonly sql: string | null;
  readonly tables: StatementVerdict['tables'];
}

/** What the session's own statements did to the meaning of names; the gate reads it. */
export class Names implements SessionNames {
  readonly #defaultPath: readonly string[];
  readonly #isDefaultPath: boolean;
  readonly #elevationAvailable: () => boolean;
  /** The path but for what SET LOCAL says. */
  #sessionPath: readonly string[];
  /** The session's path when the transaction block began; null outside of one. */
  #pathBefore: readonly string[] | null = null;
  searchPath: readonly string[];
  searchPathTouched = false;
  opaqueObjects = false;
  readonly tempRelations = new Set<string>();
  readonly prepared = new Map<string, StatementRights & { readonly denial?: Denial }>();
  readonly #preparedInSql = new Map<string, PreparedInSql>();

  constructor({
    searchPath,
    isDefaultPath,
    elevationAvailable,
  }: {
    readonly searchPath: readonly string[];
    readonly isDefaultPath: boolean;
    readonly elevationAvailable: () => boolean;
  }) {
    this.#defaultPath = searchPath;
    this.#isDefaultPath = isDefaultPath;
    this.#elevationAvailable = elevationAvailable;
    this.searchPath = searchPath;
    this.#sessionPath = searchPath;
  }

  get elevationAvailable(): boolean {
    return this.#elevationAvailable();
  }

  /** Nothing that a verdict could depend on differs from any other session with the same access. */
  get isPlain(): boolean {
    return (
      this.#isDefaultPath &&
      !this.searchPathTouched &&
      !this.opaqueObjects &&
      this.tempRelations.size === 0 &&
      this.prepared.size === 0
    );
  }

  /** Statements made by PREPARE, by name. */
  get preparedInSql(): ReadonlyMap<string, PreparedInSql> {
    return this.#preparedInSql;
  }

  /** The text that a prepared statement was made with, as the server has it. */
  preparedText(name: string): string | null {
    return this.#preparedInSql.get(name)?.sql ?? null;
  }

  /** A PREPARE is forwarded. */
  remember(
    name: string,
    made: {
      readonly text: string;
      readonly verdict: AllowedVerdict;
      readonly statement: StatementVerdict;
    },
  ): void {
    const isAlone = made.verdict.statements.length === 1;
    this.#preparedInSql.set(name, {
      text: isAlone ? made.text : null,
      sql: made.verdict.sql,
      tables: made.statement.tables,
    });
  }

  /** What SQL prepared under that name may not run any more: EXECUTE is refused with this. */
  withdraw(name: string, denial: Denial): void {
    const made = this.#preparedInSql.get(name);
    // Kept for a policy that allows it again.
    if (made !== undefined) this.#preparedInSql.set(name, { ...made, sql: null });
    this.prepared.set(name, { tier: 'base', taint: null, touchesMasked: true, denial });
  }

  /** The session holds nothing but these temporary tables, by the agent's own look (adr/0010). */
  cleansed(temporaryTables: readonly string[]): void {
    this.opaqueObjects = false;
    // Those of an open transaction are not seen from outside it: what is known stays known.
    for (const name of temporaryTables) this.tempRelations.add(name);
  }

  /** Applied when the statement is forwarded: believing too early costs a name that the server refuses. */
  apply(effect: SessionEffect): void {
    switch (effect.kind) {
      case 'set-search-path':
        this.searchPathTouched = true;
        this.#setPath(effect.path ?? this.#defaultPath, effect.local);
        return;
      case 'temp-relation-created':
        this.tempRelations.add(effect.name);
        return;
      case 'temp-relation-dropped':
        // The DROP may be rolled back, so the name stays known; the server says if it is gone.
        return;
      case 'prepared':
        this.prepared.set(effect.name, effect);
        return;
      case 'deallocated':
        if (effect.name === null) this.#forgetPrepared();
        else {
          this.prepared.delete(effect.name);
          this.#preparedInSql.delete(effect.name);
        }
        return;
      case 'discard':
        if (effect.what === 'all') {
          this.#forgetPrepared();
          // It may fail; names go on being written qualified, by the path that we believe in.
          this.#setPath(this.#defaultPath, false);
        }
        return;
      case 'begin':
        this.#pathBefore ??= this.#sessionPath;
        return;
      case 'commit':
      case 'rollback':
        this.#endTransaction(effect.kind);
        return;
      case 'savepoint':
        return;
      default:
        return effect satisfies never;
    }
  }

  /** SET LOCAL outside of a transaction block does nothing. */
  #setPath(path: readonly string[], local: boolean): void {
    if (!local) this.#sessionPath = path;
    if (!local || this.#pathBefore !== null) this.searchPath = path;
  }

  /**
   * What was set for the transaction ends with it, and a rollback takes back what was set for the session. Where
   * the server does otherwise (a COMMIT that fails) names mean what is believed here: they are written in full.
   */
  #endTransaction(how: 'commit' | 'rollback'): void {
    if (this.#pathBefore === null) return;
    if (how === 'rollback') this.#sessionPath = this.#pathBefore;
    this.searchPath = this.#sessionPath;
    this.#pathBefore = null;
  }

  #forgetPrepared(): void {
    this.prepared.clear();
    this.#preparedInSql.clear();
  }
}
