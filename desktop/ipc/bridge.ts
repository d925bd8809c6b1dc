import { AppError } from '@daam/shared/errors/app-error';
import { fromBridgeError } from './errors.ts';
import type { ClientMessage, ServerMessage } from './messages.ts';
import { events, methods } from './schema.ts';
import type { Capabilities, EventName, EventPayload, Method, Params, Result } from './schema.ts';

/** Longer than the slowest connect that is still worth waiting for. Milliseconds. */
const callTimeout = 30_000;
const maxPendingCalls = 64;

/** Whether the engine can be heard. `refused` is final: the token is not (or no longer) valid. */
export type BridgeState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly capabilities: Capabilities }
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused' };

/** What screens use. Calls reject with AppError: the backend's, ENGINE_UNAVAILABLE, or TIMEOUT. */
export interface Bridge {
  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  state(): BridgeState;
  onState(listener: (state: BridgeState) => void): () => void;
  close(): void;
}

interface Pending {
  readonly method: Method;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * The side of the screen, whatever the transport: numbers calls, matches answers, hands out events.
 * A transport gives `send`, and calls `receive` and `setState`.
 */
export class BridgeClient implements Bridge {
  readonly #send: (message: ClientMessage) => void;
  readonly #onClose: () => void;
  readonly #pending = new Map<number, Pending>();
  readonly #eventListeners = new Map<EventName, Set<(payload: never) => void>>();
  readonly #stateListeners = new Set<(state: BridgeState) => void>();
  #state: BridgeState = { kind: 'connecting' };
  #nextId = 1;

  constructor(options: { send: (message: ClientMessage) => void; onClose: () => void }) {
    this.#send = options.send;
    this.#onClose = options.onClose;
  }

  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    if (this.#state.kind !== 'open') return Promise.reject(new AppError('ENGINE_UNAVAILABLE'));
    if (this.#pending.size >= maxPendingCalls) return Promise.reject(new AppError('RATE_LIMITED'));
    const id = this.#nextId++;
    return new Promise<Result<M>>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new AppError('TIMEOUT'));
      }, callTimeout);
      this.#pending.set(id, { method, resolve: resolve as (value: unknown) => void, reject, timer });
      this.#send({ kind: 'call', id, method, params });
    });
  }

  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    const listeners = this.#eventListeners.get(event) ?? new Set();
    this.#eventListeners.set(event, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  state(): BridgeState {
    return this.#state;
  }

  onState(listener: (state: BridgeState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  close(): void {
    this.setState({ kind: 'lost' });
    this.#onClose();
  }

  /** For the transport: a message came. A value that the schema does not know is dropped, its call fails. */
  receive(message: ServerMessage): void {
    switch (message.kind) {
      case 'welcome':
        return this.setState({ kind: 'open', capabilities: message.capabilities });
      case 'result':
        return this.#settle(message.id, message.value);
      case 'error':
        return this.#take(message.id)?.reject(fromBridgeError(message.error));
      case 'event': {
        const payload = events[message.event].safeParse(message.payload);
        if (!payload.success) return;
        for (const listener of this.#eventListeners.get(message.event) ?? []) listener(payload.data as never);
      }
    }
  }

  /** For the transport: the connection changed. Whatever waits when it is lost fails. */
  setState(state: BridgeState): void {
    this.#state = state;
    if (state.kind !== 'open') {
      for (const id of this.#pending.keys()) this.#take(id)?.reject(new AppError('ENGINE_UNAVAILABLE'));
    }
    for (const listener of this.#stateListeners) listener(state);
  }

  #settle(id: number, value: unknown): void {
    const pending = this.#take(id);
    if (pending === undefined) return;
    const result = methods[pending.method].result.safeParse(value);
    if (result.success) pending.resolve(result.data);
    else pending.reject(new AppError('INTERNAL', { detail: `bad result of ${pending.method}` }));
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    return pending;
  }
}
