import * as z from 'zod';
import type { DesktopBackend } from '../ipc/backend.ts';
import type { BridgeEvent, Target } from '../ipc/schema.ts';

/** The engine's backend as this shell shows it to its page: what the shell can do besides, and links that were followed. */
export interface ShellBackend extends DesktopBackend {
  /** Leads the page to a screen: now, or once a page is there that asks for its status. Only the last one is kept. */
  openLink(target: Target): void;
}

/** What the control plane prepares a page of its own for, that the system's browser opens. */
const prepared = z.object({ url: z.string() });
const preparing: ReadonlySet<string> = new Set(['beginDecision', 'beginPublication']);

/**
 * Wraps what the engine gives. `onPage` hears of pages that the control plane prepared when it was asked for a touch:
 * its pages may have another address than its API.
 */
export function shellBackend(engine: DesktopBackend, onPage: (url: string) => void = () => {}): ShellBackend {
  const listeners = new Set<(event: BridgeEvent) => void>();
  let isPageUp = false;
  let waiting: Target | null = null;
  const tell = (target: Target): void => {
    for (const listener of listeners) listener({ event: 'linkOpened', payload: { target } });
  };
  return {
    capabilities: { ...engine.capabilities, tray: true },
    methods: {
      ...engine.methods,
      status: async (params) => {
        const status = await engine.methods.status(params);
        isPageUp = listeners.size > 0;
        const target = waiting;
        waiting = null;
        // After the answer: the page listens by then, and has something to show the screen with.
        if (target !== null) setImmediate(() => tell(target));
        return status;
      },
      checkControlPlane: async (asked) => {
        const reach = await engine.methods.checkControlPlane(asked);
        // The page of an invitation is on it, and the sign-in will be.
        if (reach.kind === 'reached') onPage(asked.controlPlane);
        return reach;
      },
      callApi: async (asked) => {
        const answer = await engine.methods.callApi(asked);
        const page = preparing.has(asked.route) ? prepared.safeParse(answer.value) : null;
        if (page?.success === true) onPage(page.data.url);
        return answer;
      },
    },
    subscribe: (listener) => {
      listeners.add(listener);
      const unsubscribe = engine.subscribe(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) isPageUp = false;
        unsubscribe();
      };
    },
    openLink: (target) => {
      if (isPageUp) tell(target);
      else waiting = target;
    },
  };
}
