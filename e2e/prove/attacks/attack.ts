/** A row of the attack classes: what is tried, and what of it each layer must stop. */
import type { Act } from '../wire.ts';
import { customerCount, emailOf, hiddenDigits, type WorldSeed } from '../world/values.ts';

/** One attempt, in a session of its own. */
export interface Attack {
  /** Number of the attack class. */
  readonly row: number;
  /** `B1 derived expressions` … */
  readonly group: string;
  readonly acts: readonly Act[];
  /** Start-up parameters, where they are the attack. */
  readonly startup?: Readonly<Record<string, string>>;
  /** First major that has the syntax. */
  readonly since?: number;
  /** True: the floor alone is known to let it through, so that other layers must stop it. */
  readonly passesFloor?: boolean;
  /** True: it tells something by design, whatever the layers do (documented in docs/security-model.md). */
  readonly isByDesign?: boolean;
}

/** Statements one after the other, by the simple protocol. */
export function say(...statements: readonly string[]): readonly Act[] {
  return statements.map((sql): Act => ({ kind: 'simple', sql }));
}

/** The same in both protocols and in binary. */
export function sayInAll(sql: string): readonly Act[] {
  return [
    { kind: 'simple', sql },
    { kind: 'extended', sql, format: 0 },
    { kind: 'extended', sql, format: 1 },
  ];
}

/** Real values of world A that do not exist in world B: what an oracle would be asked for. */
export interface Guesses {
  readonly email: string;
  readonly otherEmail: string;
  readonly salary: string;
  /** Of no customer, in either world. */
  readonly nobody: string;
}

export function guessesOf(world: WorldSeed): Guesses {
  return {
    email: emailOf(world, 3) ?? '',
    otherEmail: emailOf(world, 5) ?? '',
    salary: `${hiddenDigits(world, 'salary 3', 24)}.${hiddenDigits(world, 'cents 3', 4)}`,
    nobody: emailOf(world, customerCount + 400) ?? '',
  };
}

/** Rows that run code in the server, which no gate reads, or read statistics: only the floor stops all of their forms. */
export const onlyFloorStops: ReadonlySet<number> = new Set([36, 39, 46, 47, 49, 52, 62, 63, 80]);

/** Rows whose values reach the client in a notice: only the diagnostics filter stops all of their forms. */
export const onlyDiagnosticsStop: ReadonlySet<number> = new Set([23, 48, 56]);
