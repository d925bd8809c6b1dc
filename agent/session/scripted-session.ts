import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Secret } from '@daam/shared/base/secret';
import { systemClock } from '@daam/shared/base/clock';
import { silentLogger } from '@daam/shared/base/logger';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { Verdict } from '@daam/shared/sql/verdict';
import { type AccessView, VerdictCache } from '../enforce/decisions.ts';
import { MatchBudget } from '../enforce/match-budget.ts';
import { sendCancel } from '../upstream/cancel.ts';
import { connectUpstream } from '../upstream/connect.ts';
import { CancelRegistry } from './cancel-registry.ts';
import { Session } from './session.ts';
import { samplePeer } from './sample-peer.ts';

/** A session with a gate that reads its answer from the text, for tests of the pumps. Used by tests only. */
export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  /** What the session did with its role and its audit log, in order. */
  readonly events: string[];
  readonly sessions: Session[];
  readonly view: AccessView;
}

const allow = {
  kind: 'allow',
  rewritten: false,
  statements: [],
  matches: [],
  degraded: false,
  parameters: [],
  pieces: null,
  guards: [],
} as const;

/**
 * `deny!` refuses · `elevated!` needs elevation · `opaque!` taints the session · `trigger!` taints the transaction ·
 * `rewrite!x!y` runs y instead of x. Everything else passes.
 */
export function scriptedVerdict(sql: string, elevationAvailable: boolean): Verdict {
  const pass = {
    ...allow,
    sql,
    literalIndependent: false,
    taint: null,
    tier: 'either',
    touchesMasked: false,
  } as const;
  if (sql.includes('deny!')) {
    const denial = {
      sqlstate: '42501',
      message: 'denied by test',
      detail: null,
      hint: 'ask',
      rule: 'test',
      table: null,
      position: null,
    };
    return { kind: 'deny', denial, command: null };
  }
  if (sql.includes('opaque!')) return { ...pass, tier: 'base', taint: 'session' };
  if (sql.includes('trigger!')) return { ...pass, tier: 'base', taint: 'transaction' };
  if (sql.includes('elevated!')) {
    return elevationAvailable
      ? { ...pass, tier: 'elevated', touchesMasked: true }
      : { ...pass, degraded: true };
  }
  const rewrite = /rewrite!(.*?)!(.*)$/s.exec(sql);
  if (rewrite !== null) return { ...pass, sql: rewrite[2] as string, rewritten: true };
  return pass;
}

const emptyCatalog: Catalog = {
  major: 18,
  database: 'postgres',
  version: '1',
  relations: new Map(),
  byName: new Map(),
  schemas: new Set(['public']),
  defaultSearchPath: ['public'],
  userFunctions: new Map(),
  userOperators: new Set(),
  userTypes: new Map(),
};

export function scriptedView(
  masked: ReadonlyMap<number, readonly number[]> = new Map(),
  fingerprint = 'a',
): AccessView {
  const relations = new Map(
    [...masked].map(([oid, attnums]) => [
      oid,
      {
        oid,
        schema: 'public',
        name: 't',
        operations: new Set<'select'>(['select']),
        masks: new Map(attnums.map((attnum) => [attnum, { attnum } as never])),
        rowFilter: null,
        origins: [],
        refusal: null,
      },
    ]),
  );
  return {
    catalog: emptyCatalog,
    access: { fingerprint, relations, limits: {}, policies: [] },
    cache: new VerdictCache({ maxEntries: 100 }),
    templates: new VerdictCache({ maxEntries: 100 }),
    hasMasks: true,
    gate: (sql, names) => scriptedVerdict(sql, names.elevationAvailable),
  };
}

/** Listens on a free port and serves each connection as a session on the given server. */
export async function startScriptedServer({
  upstream,
  view = scriptedView(),
  limits,
}: {
  readonly upstream: { readonly port: number; readonly password: string };
  readonly view?: AccessView;
  readonly limits?: AccessView['access']['limits'];
}): Promise<ScriptedServer> {
  const events: string[] = [];
  const sessions: Session[] = [];
  const cancels = new CancelRegistry();
  const budget = new MatchBudget({ clock: systemClock });
  const endpoint = { host: '127.0.0.1', port: upstream.port, tls: 'disable' } as const;
  const served = limits === undefined ? view : { ...view, access: { ...view.access, limits } };
  const note = async (event: string): Promise<void> => {
    events.push(event);
  };
  const server: Server = createServer({ noDelay: true }, (socket) => {
    const session = new Session({
      socket,
      leftover: Buffer.alloc(0),
      peer: samplePeer,
      deps: {
        viewOf: () => served,
        databaseNames: new Set(['postgres']),
        elevationEnabled: () => true,
        openRole: async () => ({
          name: 'postgres',
          password: new Secret(upstream.password),
          sealLogin: () => note('seal'),
          elevate: () => note('elevate'),
          lower: () => note('lower'),
          leftBehind: async () => {
            await note('inspect');
            return { isHarmless: true, temporaryTables: [] };
          },
          moveTo: () => note('move'),
          close: () => note('close'),
        }),
        connect: (role, request) =>
          connectUpstream({
            ...endpoint,
            user: role.name,
            password: role.password,
            database: 'postgres',
            parameters: request.parameters,
            signal: new AbortController().signal,
            timeoutMs: 5_000,
          }),
        cancelUpstream: async (connection) => {
          await sendCancel({
            ...endpoint,
            key: connection.key,
            signal: new AbortController().signal,
            timeoutMs: 5_000,
          });
        },
        cancels,
        onRefused: ({ code }) => void note(`refused ${code}`),
        events: () => ({
          opened: () => void note('opened'),
          closed: (end) => void note(`closed ${end.reason}`),
          statement: ({ text, verdict }) => {
            events.push(`${verdict.kind} ${text}`);
            return events.length;
          },
          completed: ({ running, sqlstate }) =>
            void note(`done ${running.tag ?? '-'} ${sqlstate ?? 'ok'} ${running.rows}`),
          alarm: ({ rule }) => void note(`alarm ${rule}`),
          durable: () => Promise.resolve(),
        }),
        logger: silentLogger,
        clock: systemClock,
        budget,
        pseudonymPads: () => null,
      },
    });
    sessions.push(session);
    void session.run();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    events,
    sessions,
    view: served,
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions)
        session.end(new (await import('@daam/shared/errors/app-error')).AppError('DRAINING'));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
