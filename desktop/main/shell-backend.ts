import type { ElectronPort } from './electron-port.ts';
import * as z from 'zod';
import type { DesktopBackend } from '../ipc/backend.ts';
import type { BridgeEvent, Target } from '../ipc/schema.ts';

/** `link`: of outside, so the person is asked before its screen is shown. */
export type LinkSource = 'link' | 'app';

interface Followed {
  readonly target: Target;
  readonly from: LinkSource;
}

/** The engine's backend as this shell shows it to its page: what the shell can do besides, and links that were followed. */
export interface ShellBackend extends DesktopBackend {
  /** Leads the page to a screen: now, or once a page is there that asks for its status. Only the last one is kept. */
  openLink(target: Target, from: LinkSource): void;
}

/** The system's clipboard. The page may not read it; this compares, and tells nothing of what is in it. */
export type ShellClipboard = Pick<ElectronPort['clipboard'], 'readText' | 'clear'>;

/** What the control plane prepares a page of its own for, that the system's browser opens. */
const prepared = z.object({ url: z.string() });
const preparing: ReadonlySet<string> = new Set(['beginDecision', 'beginPublication']);

/**
 * Wraps what the engine gives. `onPage` hears of pages that the control plane prepared when it was asked for a touch:
 * its pages may have another address than its API.
 */
export function shellBackend(
  engine: DesktopBackend,
  onPage: (url: string) => void = () => {},
  clipboard: ShellClipboard | null = null,
): ShellBackend {
  const listeners = new Set<(event: BridgeEvent) => void>();
  let isPageUp = false;
  let waiting: Followed | null = null;
  const tell = (payload: Followed): void => {
    for (const listener of listeners) listener({ event: 'linkOpened', payload });
  };
  return {
    capabilities: { ...engine.capabilities, tray: true },
    methods: {
      ...engine.methods,
      status: async (params) => {
        const status = await engine.methods.status(params);
        isPageUp = listeners.size > 0;
        const followed = waiting;
        waiting = null;
        // After the answer: the page listens by then, and has something to show the screen with.
        if (followed !== null) setImmediate(() => tell(followed));
        return status;
      },
      checkControlPlane: async (asked) => {
        const reach = await engine.methods.checkControlPlane(asked);
        // The page of an invitation is on it, and the sign-in will be.
        if (reach.kind === 'reached') onPage(asked.controlPlane);
        return reach;
      },
      clearClipboard: async ({ text }) => {
        if (clipboard === null || (await clipboard.readText()) !== text) return { cleared: false };
        clipboard.clear();
        return { cleared: true };
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
    openLink: (target, from) => {
      if (isPageUp) tell({ target, from });
      else waiting = { target, from };
    },
  };
}
