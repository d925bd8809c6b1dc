import type { Logger } from '@daam/shared/base/logger';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { Vouch } from '@daam/shared/policy/bundle';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { ResolveAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import { resolveVouched } from '@daam/shared/sql/vouched';
import { isProtected } from '@daam/shared/sql/row-filter';
import type { SessionNames, Verdict } from '@daam/shared/sql/verdict';
import { toAppError } from '@daam/shared/errors/app-error';
import type { Analysis } from './analysis.ts';
import { type AccessView, type AdjustView, emptyCaches } from './decisions.ts';

/** Reads the catalogue of the upstream database. */
export interface CatalogSource {
  load(): Promise<Catalog>;
  /** A cheap fingerprint that changes whenever `load` would give something else. */
  version(): Promise<string>;
}

/** The gate of the server's major version, bound to its grammar and function list. */
export type DecideSql = (input: {
  readonly sql: string;
  readonly catalog: Catalog;
  readonly access: AccessView['access'];
  readonly names: SessionNames;
}) => Verdict;

/**
 * The upstream database as the gate sees it: one catalogue for all sessions, and one view for each distinct
 * effective policy. When the catalogue changes, views are made anew and the sessions are told.
 */
export class DatabaseView implements AsyncDisposable {
  readonly #source: CatalogSource;
  readonly #resolveAccess: ResolveAccess;
  readonly #decideSql: DecideSql;
  readonly #logger: Logger;
  readonly #adjustView: AdjustView;
  readonly #onChanged: () => void;
  readonly #analysis: Pick<Analysis, 'of'> | null;
  #catalog: Catalog;
  #vouched: readonly Vouch[] = [];
  #isKeyed = false;
  #views = new WeakMap<EffectivePolicy, AccessView>();
  #timer: NodeJS.Timeout | null = null;
  /** Resolves when nobody is looking. */
  #turn: Promise<void> = Promise.resolve();
  #isDisposed = false;

  private constructor(options: DatabaseViewOptions & { readonly catalog: Catalog }) {
    this.#source = options.source;
    this.#resolveAccess = options.resolveAccess;
    this.#decideSql = options.decideSql;
    this.#logger = options.logger;
    this.#adjustView = options.adjustView ?? ((view) => view);
    this.#onChanged = options.onChanged;
    this.#analysis = options.analysis ?? null;
    this.#catalog = options.catalog;
  }

  /** Loads the catalogue once; `onChanged` is called after each later change. */
  static async open(options: DatabaseViewOptions): Promise<DatabaseView> {
    const view = new DatabaseView({ ...options, catalog: await options.source.load() });
    view.#schedule(options.refreshEveryMs);
    return view;
  }

  get catalog(): Catalog {
    return this.#catalog;
  }

  /** The view for a policy; the same object as long as neither the policy nor the catalogue changes. */
  of(policy: EffectivePolicy): AccessView {
    const known = this.#views.get(policy);
    if (known !== undefined) return known;
    const catalog = this.#catalog;
    const vouched = resolveVouched(this.#vouched, catalog);
    const access = { ...this.#resolveAccess(policy, catalog), vouched, keyed: this.#isKeyed };
    const own: AccessView = {
      catalog,
      access,
      ...emptyCaches(),
      // masked tables that nobody granted count: a cascade or a view may reach them
      hasMasks: policy.masks.length > 0 || [...access.relations.values()].some(isProtected),
      ...(policy.audit?.parameters === true ? { recordsParameters: true as const } : {}),
      gate: (sql, names) => this.#decideSql({ sql, catalog, access, names }),
    };
    const view = this.#analysed(own, this.#adjustView(own));
    this.#views.set(policy, view);
    return view;
  }

  /** Takes what administrators vouch for now; views are made anew when that is something else. */
  vouch(vouched: readonly Vouch[]): void {
    if (canonicalJson(vouched) === canonicalJson(this.#vouched)) return;
    this.#vouched = vouched;
    this.#views = new WeakMap();
  }

  /** Takes whether the pseudonym key is there; views are made anew when that changes. */
  keyed(isKeyed: boolean): void {
    if (isKeyed === this.#isKeyed) return;
    this.#isKeyed = isKeyed;
    this.#views = new WeakMap();
  }

  /** A view whose gate or access was exchanged has to be asked itself: the thread knows only the agent's own. */
  #analysed(own: AccessView, view: AccessView): AccessView {
    const isOwn = view.gate === own.gate && view.access === own.access && view.catalog === own.catalog;
    return isOwn && this.#analysis !== null ? { ...view, analysis: this.#analysis.of(view) } : view;
  }

  /** Compares the catalogue with the server's and takes the new one; true when it had changed. */
  async refresh(): Promise<boolean> {
    const version = await this.#source.version();
    if (version === this.#catalog.version) return false;
    this.#catalog = await this.#source.load();
    this.#views = new WeakMap();
    this.#logger.info({ version: this.#catalog.version }, 'catalogue changed');
    return true;
  }

  /** The same, and tells of a change; one after the other, because the catalogue is read in a transaction. */
  look(): Promise<void> {
    const turn = this.#turn.then(async () => {
      if (!this.#isDisposed && (await this.refresh())) this.#onChanged();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#turn;
  }

  /**
   * Looks again after a fifth of the longest wait where that costs the server little, and never oftener than for a
   * fiftieth of its time.
   */
  #schedule(everyMs: number, lastCostMs = 0): void {
    if (this.#isDisposed) return;
    const waitMs = Math.min(everyMs, Math.max(everyMs / 5, lastCostMs * 50));
    this.#timer = setTimeout(() => {
      const startedAt = performance.now();
      void this.look()
        .catch((thrown: unknown) => {
          this.#logger.warn({ code: toAppError(thrown).code }, 'the catalogue could not be read');
        })
        .finally(() => this.#schedule(everyMs, performance.now() - startedAt));
    }, waitMs);
    this.#timer.unref();
  }
}

export interface DatabaseViewOptions {
  readonly source: CatalogSource;
  readonly resolveAccess: ResolveAccess;
  readonly decideSql: DecideSql;
  readonly logger: Logger;
  readonly adjustView?: AdjustView;
  /** Absent: every text is judged on the agent's own thread. */
  readonly analysis?: Pick<Analysis, 'of'>;
  /** The longest wait between two looks at the catalogue's version. */
  readonly refreshEveryMs: number;
  readonly onChanged: () => void;
}
