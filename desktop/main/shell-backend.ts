import * as z from 'zod';
import type { DesktopBackend } from '../ipc/backend.ts';
import type { BridgeEvent, Target } from '../ipc/schema.ts';
import { ClipboardClearing } from './clipboard-clearing.ts';
import type { ShellClipboard } from './clipboard-clearing.ts';
import type { LogsFolder } from './logs-folder.ts';

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

/** What the control plane prepares a page of its own for, that the system's browser opens. */
const prepared = z.object({ url: z.string() });
const preparing: ReadonlySet<string> = new Set(['beginDecision', 'beginPublication']);

export interface PageListener {
  /** A page that the control plane prepared when it was asked for a touch: it may have another address than the API. */
  readonly prepared: (url: string) => void;
  /** A control plane that was looked at, for a sign-in. */
  readonly reached: (controlPlane: string) => void;
}

/** Wraps what the engine gives. */
export function shellBackend(
  engine: DesktopBackend,
  pages: PageListener = { prepared: () => {}, reached: () => {} },
  clipboard: ShellClipboard | null = null,
  logs: Pick<LogsFolder, 'shown' | 'open'> | null = null,
): ShellBackend {
  const clearing = new ClipboardClearing(clipboard);
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
        // The page of an invitation is on it. A sign-in names its own page.
        if (reach.kind === 'reached') pages.reached(asked.controlPlane);
        return reach;
      },
      clearClipboard: async ({ text, afterMs }) => {
        if (afterMs === 0) return { cleared: await clearing.now(text) };
        clearing.later(text, afterMs);
        return { cleared: false };
      },
      // Asked of the engine first: it refuses while the app is locked.
      describeLogs: async (params) => {
        const described = await engine.methods.describeLogs(params);
        return logs === null ? described : { folder: logs.shown, canOpen: true };
      },
      openLogs: async (params) => {
        const opened = await engine.methods.openLogs(params);
        return logs === null ? opened : { isOpen: await logs.open() };
      },
      callApi: async (asked) => {
        const answer = await engine.methods.callApi(asked);
        const page = preparing.has(asked.route) ? prepared.safeParse(answer.value) : null;
        if (page?.success === true) pages.prepared(page.data.url);
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
