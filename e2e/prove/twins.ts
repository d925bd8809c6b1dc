/** The same session in both worlds at once. */
import type { CanaryScan } from './canary-scan.ts';
import { differenceOf } from './comparable.ts';
import { type Act, type Answer, WireSession } from './wire.ts';
import type { AgentPair } from './worlds.ts';

/** What an act showed. */
export interface Seen {
  readonly a: Answer;
  readonly b: Answer;
  /** Where the answers differ; null when no byte does. */
  readonly difference: string | null;
  /** Forms of canaries in either. */
  readonly canaries: readonly string[];
}

/** Two sessions that do the same things. Dispose to end both. */
export class Twins implements AsyncDisposable {
  readonly #sessions: readonly [WireSession, WireSession];
  readonly #scan: CanaryScan;

  private constructor(sessions: readonly [WireSession, WireSession], scan: CanaryScan) {
    this.#sessions = sessions;
    this.#scan = scan;
  }

  /** Opens a session in each world; a session that is refused counts as one that answers with the refusal. */
  static async open(
    { ports }: AgentPair,
    scan: CanaryScan,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly twins: Twins; readonly seen: Seen }> {
    const [a, b] = await Promise.all([
      WireSession.open(ports[0], parameters),
      WireSession.open(ports[1], parameters),
    ]);
    const twins = new Twins([a.session, b.session], scan);
    return { twins, seen: twins.#compare(a.greeting, b.greeting) };
  }

  get isClosed(): boolean {
    return this.#sessions.some(({ isClosed }) => isClosed);
  }

  /** Does the same in both; `inB` where a match is declared and the other world has other values. */
  async act(act: Act, inB: Act = act): Promise<Seen> {
    const [a, b] = this.#sessions;
    try {
      return this.#compare(...(await Promise.all([a.act(act), b.act(inB)])));
    } catch (cause) {
      throw new Error(`no whole answer to: ${actText(act)}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session[Symbol.asyncDispose]()));
  }

  #compare(a: Answer, b: Answer): Seen {
    const received = this.#sessions.map((session) => session.takeReceived());
    const canaries = [...new Set(received.flatMap((bytes) => this.#scan.find(bytes)))];
    return { a, b, difference: differenceOf(a, b), canaries };
  }
}

/** The SQLSTATE of the first error in an answer, `ok` without one. */
export function stateOf({ frames, isClosed }: Answer): string {
  const error = frames.find(({ type }) => type === 0x45);
  if (error === undefined) return isClosed ? 'closed' : 'ok';
  return /C([0-9A-Z]{5})\0/.exec(error.body.toString('latin1'))?.[1] ?? 'error';
}

/** The rule that the agent names in its refusal; null for the server's own errors. */
export function ruleOf({ frames }: Answer): string | null {
  const error = frames.find(({ type }) => type === 0x45);
  return /Rdaam:([a-z0-9-]+)\0/.exec(error?.body.toString('latin1') ?? '')?.[1] ?? null;
}

/** An act for people. */
export function actText(act: Act): string {
  switch (act.kind) {
    case 'simple':
      return act.sql;
    case 'extended':
      return `${act.sql} [extended, ${act.format === 1 ? 'binary' : 'text'}, ${JSON.stringify(act.parameters ?? [])}]`;
    case 'raw':
      return `[${act.about}]`;
    default:
      return act satisfies never;
  }
}
