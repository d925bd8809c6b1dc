import type { AuditedParameters } from '@daam/shared/audit/parameters';
import type { Taint, Tier, Verdict } from '@daam/shared/sql/verdict';

/**
 * The session's prepared statements and portals, as the extended protocol knows them
 * (PostgreSQL docs, "Extended Query"). The agent must know what a Bind or an Execute will run.
 */
export type AllowedVerdict = Extract<Verdict, { kind: 'allow' }>;

export interface PreparedStatement {
  readonly name: string;
  /** The client's own text. */
  readonly sql: string;
  readonly verdict: AllowedVerdict;
  /** Type OIDs that the client declared. */
  readonly parameterTypes: readonly number[];
  /** The access and the elevation under which it was decided; if either changed it must be decided again. */
  readonly generation: number;
  readonly elevationAvailable: boolean;
  /** Parameters that brought a mask back at the last Bind (value-rules.ts); the text is the one for these. */
  readonly writeBack: ReadonlySet<number>;
}

export interface StatementRights {
  readonly tier: Tier;
  readonly taint: Taint | null;
  readonly touchesMasked: boolean;
}

/** A portal: what an Execute will run. */
export interface Portal {
  readonly statement: PreparedStatement;
  /** A change of policy closed it on the server. */
  isRevoked: boolean;
  /** Rows that were read from it, by one Execute or several. */
  readonly result: { rows: number };
  /** What the audit is told of the values that were bound; null: nothing. */
  readonly parameters: AuditedParameters | null;
  /** What had the name before, for as long as the Bind may still fail. */
  replaced: Portal | undefined;
  hasFailed: boolean;
}

/** Far more than any driver holds; beyond it the client is told, instead of the agent's memory growing. */
const maxStatements = 10_000;
const maxPortals = 10_000;

export class PreparedTable {
  readonly #statements = new Map<string, PreparedStatement>();
  readonly #portals = new Map<string, Portal>();

  statement(name: string): PreparedStatement | undefined {
    return this.#statements.get(name);
  }

  portal(name: string): Portal | undefined {
    return this.#portals.get(name);
  }

  get isFull(): boolean {
    return this.#statements.size >= maxStatements || this.#portals.size >= maxPortals;
  }

  /** A Parse was forwarded. A named statement that exists stays: the server will refuse the second Parse. */
  prepare(statement: PreparedStatement): void {
    if (statement.name !== '' && this.#statements.has(statement.name)) return;
    this.#statements.set(statement.name, statement);
  }

  /** That Parse failed or was skipped. */
  unprepare(statement: PreparedStatement): void {
    if (this.#statements.get(statement.name) === statement) this.#statements.delete(statement.name);
  }

  /**
   * A Bind was forwarded. `isSettled`: the server has answered everything before it. The result undoes it, for a Bind
   * that failed or was skipped: the portal that had the name is there again, as it is on the server.
   */
  bind(
    name: string,
    statement: PreparedStatement,
    {
      isSettled,
      parameters = null,
    }: { readonly isSettled: boolean; readonly parameters?: Portal['parameters'] },
  ): () => void {
    const replaced = this.#portals.get(name);
    if (replaced !== undefined && isSettled) replaced.replaced = undefined;
    const portal = {
      statement,
      isRevoked: false,
      result: { rows: 0 },
      parameters,
      replaced,
      hasFailed: false,
    };
    this.#portals.set(name, portal);
    return () => {
      portal.hasFailed = true;
      if (this.#portals.get(name) !== portal) return;
      let before = portal.replaced;
      while (before?.hasFailed === true) before = before.replaced;
      if (before === undefined) this.#portals.delete(name);
      else this.#portals.set(name, before);
    };
  }

  /** Relations that open portals read. */
  get portalRelations(): ReadonlySet<number> {
    const oids = new Set<number>();
    for (const { statement } of this.#portals.values())
      for (const { tables } of statement.verdict.statements) for (const { oid } of tables) oids.add(oid);
    return oids;
  }

  /** Whether an open portal runs code whose reads are not known. */
  get hasOpaquePortal(): boolean {
    return [...this.#portals.values()].some(({ statement }) => statement.verdict.taint !== null);
  }

  /** Every portal was closed on the server: an Execute of one is refused, with the reason. */
  revokePortals(): void {
    for (const portal of this.#portals.values()) portal.isRevoked = true;
  }

  /** The statement was decided again under another policy. */
  replace(statement: PreparedStatement): void {
    this.#statements.set(statement.name, statement);
  }

  /** A Close was forwarded. The result undoes it, for one that was skipped. */
  close(kind: 'statement' | 'portal', name: string): () => void {
    return kind === 'portal' ? takeOut(this.#portals, name) : takeOut(this.#statements, name);
  }

  /** DEALLOCATE: the SQL command drops statements of the protocol too; null drops all. */
  deallocate(name: string | null): void {
    if (name === null) this.#statements.clear();
    else this.#statements.delete(name);
  }

  /** A simple Query destroys the unnamed statement and the unnamed portal. */
  simpleQueryRan(): void {
    this.#statements.delete('');
    this.#portals.delete('');
  }

  /** Portals do not outlive their transaction. */
  transactionEnded(): void {
    this.#portals.clear();
  }
}

function takeOut<Value>(map: Map<string, Value>, name: string): () => void {
  const value = map.get(name);
  map.delete(name);
  return () => {
    if (value !== undefined && !map.has(name)) map.set(name, value);
  };
}
