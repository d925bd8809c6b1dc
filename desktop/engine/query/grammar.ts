import { loadParser, type SqlParser } from '@daam/shared/sql/parser';
import { mayWrite } from './cautions.ts';
import type { SplitStatement } from './split-statements.ts';
import { readHints, type StatementHints } from './statement-hints.ts';

/** Looked at of one text; what follows goes by words. Characters. */
const mostOfText = 256 * 1024;

/**
 * The server's own grammar, for hints. It is loaded when a tab runs for the first time; where it cannot be, hints go by
 * words. Newer than most servers, it knows all that they do: what it calls wrong, the server or the agent has to say.
 */
export class Grammar {
  readonly #load: () => Promise<SqlParser>;
  #loading: Promise<SqlParser | null> | null = null;
  #parser: SqlParser | null = null;

  constructor(load: () => Promise<SqlParser> = async () => await loadParser(18)) {
    this.#load = load;
  }

  /**
   * One for each statement; null where words have to do. A text that only reads does not wait until the grammar is there:
   * nothing is asked about it.
   */
  async hintsOf(statements: readonly SplitStatement[]): Promise<readonly (StatementHints | null)[]> {
    this.#loading ??= this.#load().then(
      (parser) => (this.#parser = parser),
      () => null,
    );
    if (statements.some(mayWrite)) await this.#loading;
    const parser = this.#parser;
    let length = 0;
    return statements.map(({ text }) => {
      length += text.length;
      return parser === null || length > mostOfText ? null : readHints(parser, text);
    });
  }
}
