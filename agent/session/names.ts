import type { SessionEffect, SessionNames } from '@daam/shared/sql/verdict';
import type { StatementRights } from './prepared.ts';

/** What the session's own statements did to the meaning of names; the gate reads it. */
export class Names implements SessionNames {
  readonly #defaultPath: readonly string[];
  readonly #isDefaultPath: boolean;
  readonly #elevationAvailable: () => boolean;
  searchPath: readonly string[];
  searchPathTouched = false;
  opaqueObjects = false;
  readonly tempRelations = new Set<string>();
  readonly prepared = new Map<string, StatementRights>();

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

  /** Applied when the statement is forwarded: believing too early costs a name that the server refuses. */
  apply(effect: SessionEffect): void {
    switch (effect.kind) {
      case 'set-search-path':
        this.searchPath = effect.path ?? this.#defaultPath;
        this.searchPathTouched = true;
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
        if (effect.name === null) this.prepared.clear();
        else this.prepared.delete(effect.name);
        return;
      case 'discard':
        if (effect.what === 'all') {
          this.prepared.clear();
          // It may fail; names go on being written qualified, by the path that we believe in.
          this.searchPath = this.#defaultPath;
        }
        return;
      case 'begin':
      case 'commit':
      case 'rollback':
      case 'savepoint':
        return;
      default:
        return effect satisfies never;
    }
  }
}
