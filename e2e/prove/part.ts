/**
 * A part of the proof (`npm run prove`): what it is called, what it gets, what it answers. A part is one file that
 * exports a `Part`; parts.ts lists them in the order in which they run.
 */
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import type { Worlds } from './worlds.ts';

/** What a part is run with: one major, one seed. */
export interface ProveContext {
  readonly major: PostgresMajor;
  /** A small share of everything: for `npm test`, and to see that it works. */
  readonly isQuick: boolean;
  /** Where every random choice starts from; printed, so that a failure can be had again. */
  readonly seed: number;
  /** PostgreSQL's regression scripts, where somebody unpacked them. */
  readonly regressFolder?: string;
  /** Source files that mutation takes its faults from, by how their paths end; all, where none are named. */
  readonly files?: readonly string[];
  /** One line for a person who watches. */
  readonly log: (line: string) => void;
  /** A folder of this part and major alone, for whatever it writes; removed at the end. */
  readonly folder: string;
  /**
   * The two worlds of this major, started at the first call and shared by the parts of one major. A part that needs
   * a server or an agent of its own starts it itself.
   */
  readonly worlds: () => Promise<Worlds>;
}

/** One line of the table: a class of cases on one major. */
export interface ClassCount {
  /** As in attacks.md or a client's name: `B4 writes and RETURNING`, `psql 15`. */
  readonly name: string;
  readonly cases: number;
  /** Cases that did not come out as they should; each has a finding. */
  readonly failed: number;
  /** What else the reader should know, in a few words: `12 stopped by the floor, 3 by the gate`. */
  readonly note?: string;
}

/** What went wrong, exactly enough to see it again. */
export interface Finding {
  /**
   * leak: masked data, or an oracle for it, reached the client, a log or a store · refusal: something that must work
   * was refused or answered differently · orphan: a role, session or grant stayed behind · broken: a crash, a hang, a
   * check that found nothing to check.
   */
  readonly kind: 'leak' | 'refusal' | 'orphan' | 'broken';
  /** The class it belongs to. */
  readonly name: string;
  /** The statement or the protocol act. */
  readonly what: string;
  /** What was seen: bytes, SQLSTATE, rule, role. */
  readonly seen: string;
}

/** What a part answers. */
export interface PartResult {
  readonly counts: readonly ClassCount[];
  readonly findings: readonly Finding[];
}

/** A part of the proof. It starts what it needs, and leaves nothing behind; a throw counts as `broken`. */
export interface Part {
  /** For `--only`: kebab-case. */
  readonly name: string;
  /** One line for `--help` and docs/proof.md. */
  readonly about: string;
  /** `major`: once for each major that was asked for. `once`: on the newest of them alone. */
  readonly runs: 'major' | 'once';
  readonly run: (context: ProveContext) => Promise<PartResult>;
}
