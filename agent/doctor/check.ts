import type { DoctorFinding, Severity } from '@daam/shared/api/doctor';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { AccessWarning } from '@daam/shared/sql/resolve-access';

/** What a check says about one object; the check's own name and severity come from its entry. */
export interface Complaint {
  readonly object: string | null;
  readonly message: string;
  readonly mend: string | null;
  /** Where it differs from the check's own. */
  readonly severity?: Severity;
}

/** A check that asks the server: one query on the catalogue, one complaint for each row. */
export interface ServerCheck {
  /** Stable. */
  readonly id: string;
  readonly severity: Severity;
  /** Runs read-only on the agent's own connection, with an empty search path. Columns as `say` takes them. */
  readonly sql: string;
  /** Null: this row is nothing to complain of. */
  readonly say: (row: Row, facts: ServerFacts) => Complaint | null;
}

/** Values of a row by column; only text, numbers, booleans and null. */
export type Row = Readonly<Record<string, unknown>>;

/** What every check may know of the server. */
export interface ServerFacts {
  readonly database: string;
  readonly role: string;
  readonly major: number;
  /** The first eight digits of the agent's id, which its roles' names bear; null: not registered. */
  readonly agentTag: string | null;
}

/** A check of what policies come to on this database. */
export interface PolicyCheck {
  readonly id: string;
  readonly severity: Severity;
  readonly find: (facts: PolicyFacts) => readonly Complaint[];
}

/** Every distinct policy that the agent has, resolved; and rows about the masked tables. */
export interface PolicyFacts extends ServerFacts {
  readonly catalog: Catalog;
  readonly accesses: readonly ResolvedAccess[];
  readonly warnings: readonly AccessWarning[];
  /** Columns that some policy masks, granted or not: attnums by relation. */
  readonly masked: ReadonlyMap<number, ReadonlySet<number>>;
  readonly details: MaskedDetails;
  /** Tables that policies grant and `upstream.scope` leaves out. */
  readonly outOfScope: readonly string[];
  readonly scope: readonly string[] | null;
}

/** What pg_catalog says of tables, for checks that look only at masked ones. */
export interface MaskedDetails {
  readonly partitionKeys: readonly {
    readonly oid: number;
    readonly strategy: string;
    readonly attnums: number[];
  }[];
  readonly literals: readonly { readonly oid: number; readonly attnum: number; readonly what: string }[];
  readonly policies: readonly { readonly oid: number; readonly attnum: number; readonly name: string }[];
  readonly statistics: readonly { readonly oid: number; readonly attnums: number[]; readonly name: string }[];
  /** pg_stats_ext shows most common values only to the owner's roles. */
  readonly statisticsArePrivate: boolean;
  /** Tables whose row security names roles, none of which is PUBLIC. */
  readonly roleBound: readonly { readonly oid: number }[];
}

/** A complaint as it is reported. */
export function toFinding(
  check: { readonly id: string; readonly severity: Severity },
  { object, message, mend, severity }: Complaint,
): DoctorFinding {
  return {
    check: check.id,
    severity: severity ?? check.severity,
    object: object?.slice(0, 300) ?? null,
    message: message.slice(0, 1000),
    // half a statement is worse than none
    mend: mend !== null && mend.length <= 2000 ? mend : null,
  };
}

/** A cell that is text; empty when it is not. */
export function cell(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
