/**
 * Keeps a person's draft while they change it: the newest change is shown at once and saved after a short pause, one save at a time,
 * each naming the edition that it was made on. The text and the document are one thing: a save of one brings the other.
 */
import type { PolicyDraftView, PolicyProblem } from '@daam/shared/api/policies';
import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import type { PolicyDocument } from '@daam/shared/policy/document';

export type DraftChange =
  | { readonly kind: 'document'; readonly document: PolicyDocument }
  | { readonly kind: 'text'; readonly text: string };

export interface DraftView {
  /** Null while the text is not a valid document. */
  readonly document: PolicyDocument | null;
  readonly text: string;
  readonly problems: readonly PolicyProblem[];
  /** Null: nothing was changed yet. */
  readonly draft: PolicyDraftView | null;
  readonly state: 'saved' | 'changed' | 'saving' | 'failed';
  readonly failure: AppError | null;
}

export interface DraftSaverOptions {
  readonly start: {
    readonly document: PolicyDocument;
    readonly text: string;
    readonly draft: PolicyDraftView | null;
  };
  readonly save: (change: DraftChange, edition: number) => Promise<PolicyDraftView>;
  /** Milliseconds without a change before it is saved. */
  readonly pauseMs: number;
}

export class DraftSaver {
  readonly #options: DraftSaverOptions;
  readonly #listeners = new Set<() => void>();
  #view: DraftView;
  #pending: DraftChange | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #saving: Promise<void> | null = null;

  constructor(options: DraftSaverOptions) {
    this.#options = options;
    const { document, text, draft } = options.start;
    this.#view = {
      document: draft === null ? document : documentOf(draft),
      text: draft?.text ?? text,
      problems: draft?.problems ?? [],
      draft,
      state: 'saved',
      failure: null,
    };
  }

  view = (): DraftView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  change(change: DraftChange): void {
    this.#pending = change;
    this.#show({
      state: 'changed',
      failure: null,
      ...(change.kind === 'document' ? { document: change.document, problems: [] } : { text: change.text }),
    });
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), this.#options.pauseMs);
  }

  /** Saves what waits. Resolves when nothing waits any more; false when a save failed. */
  async flush(): Promise<boolean> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#saving !== null || this.#pending !== null) {
      this.#saving ??= this.#saveOnce().finally(() => {
        this.#saving = null;
      });
      await this.#saving;
      if (this.#view.failure !== null) return false;
    }
    return this.#view.failure === null;
  }

  dispose(): void {
    if (this.#pending !== null) void this.flush();
    else if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #saveOnce(): Promise<void> {
    const change = this.#pending;
    if (change === null) return;
    this.#pending = null;
    this.#show({ state: 'saving', failure: null });
    try {
      const draft = await this.#options.save(change, this.#view.draft?.edition ?? 0);
      // What was changed meanwhile is newer than the answer.
      if (this.#pending !== null) return this.#show({ draft });
      this.#show({
        draft,
        document: documentOf(draft),
        text: change.kind === 'text' ? change.text : draft.text,
        problems: draft.problems,
        state: 'saved',
      });
    } catch (thrown) {
      this.#pending ??= change;
      this.#show({ state: 'failed', failure: toAppError(thrown) });
    }
  }

  #show(changes: Partial<DraftView>): void {
    this.#view = { ...this.#view, ...changes };
    for (const listener of this.#listeners) listener();
  }
}

/** The server checked it against the schema of documents. */
function documentOf({ document }: PolicyDraftView): PolicyDocument | null {
  return document as PolicyDocument | null;
}
