import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '@daam/shared/api/client';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { isUuid } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { type Command, type CommandContext, exitCodes, print, UsageError } from '../command.ts';
import { decideWithTouch } from '../decide-with-touch.ts';
import { termOptions, termsOf } from '../request-terms.ts';
import { requestTable, requestText } from '../request-text.ts';

/** Milliseconds between two looks of --wait. */
const lookEveryMs = 1_000;
/** Characters; the control plane wants as many. */
const leastReason = 10;

/** `daam request` */
export const requestCommand: Command = {
  name: 'request',
  summary: 'Ask for access, see what became of it, approve what others ask for.',
  usage: 'request new <database> --reason TEXT [options] | request <verb> [<request>] [options] [--json]',
  details: `
  new <database>       ask for a policy, or for tables, columns and mask levels, for a while
  list                 my requests; --inbox those that wait for me, --all every one (auditors, administrators)
  show <request>       one of them; with "wait" until it is decided and its window is open
  wait <request>
  approve <request>    as asked, or with other terms (less; administrators also more)
  deny <request>       --note says why
  revoke <request>     end it early, or take it back
  comment <request>    --note is the comment
  review <request>     look back at an emergency: --outcome justified|unjustified --note TEXT

  --reason TEXT        why, ten characters or more          --ticket TEXT  where it is tracked
  --policy NAME        a policy of the database, or:
  --tables T,…         public.payments or sales.*           --operations select,update (select unless told)
  --columns C,…        of one table; the others read as NULL
  --unmask C,…         public.customers.email, or with a level: public.customers.phone=phone, …=partial(2/0)
  --for 1h             how long (1h unless told)            --at TIME  starts then, not at the approval
  --emergency          open now on my own word, where the organization allows it; it is reviewed afterwards
  --wait               wait for the answer and for the window
  --no-browser         approve, deny: print the page on which your passkey decides, open nothing

A request is named by its id or the beginning of it. new, show and wait exit with 2 while approval or the start of the
window is waited for, with 0 while the window is open, with 1 when it is over.`,
  options: {
    ...termOptions,
    reason: { type: 'string' },
    ticket: { type: 'string' },
    emergency: { type: 'boolean' },
    wait: { type: 'boolean' },
    'no-browser': { type: 'boolean' },
    inbox: { type: 'boolean' },
    all: { type: 'boolean' },
    note: { type: 'string' },
    outcome: { type: 'string' },
  },
  positionals: { min: 1, max: 2 },
  run: async (context) => {
    const [verb = '', name] = context.positionals;
    if (verb === 'list' && name === undefined) return await list(context);
    const act = acts.get(verb);
    const isLook = verb === 'show' || verb === 'wait';
    if (act === undefined && !isLook && verb !== 'new')
      throw new UsageError(`There is no "request ${verb}${name === undefined ? '' : ' …'}".`);
    if (name === undefined)
      throw new UsageError(
        verb === 'new'
          ? 'Use "request new <database>".'
          : `Use "request ${verb} <request>"; "request list" names them.`,
      );
    if (verb === 'new') return await ask(context, name);
    const client = await context.engine.api();
    const id = await idOf(client, name);
    return act === undefined
      ? await show(context, client, { id, waits: verb === 'wait' })
      : await act(context, client, id);
  },
};

type Act = (context: CommandContext, client: ApiClient, id: string) => Promise<number>;

const acts: ReadonlyMap<string, Act> = new Map<string, Act>([
  [
    'approve',
    async (context, client, id) => {
      const note = context.values['note'];
      const body = { ...termsOf(context), ...(typeof note === 'string' ? { note } : {}) };
      const decide = async (): Promise<RequestView> => await client.approveRequest({ params: { id }, body });
      const decision = { id, body: { decision: 'approve', ...body }, decide } as const;
      return done(context, await decideWithTouch(context, client, decision));
    },
  ],
  [
    'deny',
    async (context, client, id) => {
      const body = { note: textOf(context, 'note') };
      const decide = async (): Promise<RequestView> => await client.denyRequest({ params: { id }, body });
      const decision = { id, body: { decision: 'deny', ...body }, decide } as const;
      return done(context, await decideWithTouch(context, client, decision));
    },
  ],
  [
    'revoke',
    async (context, client, id) => {
      const note = context.values['note'];
      const body = typeof note === 'string' ? { note } : {};
      return done(context, await client.revokeRequest({ params: { id }, body }));
    },
  ],
  [
    'comment',
    async (context, client, id) => {
      const body = { text: textOf(context, 'note') };
      print(context, { comment: await client.commentOnRequest({ params: { id }, body }) }, 'Said.');
      return exitCodes.done;
    },
  ],
  [
    'review',
    async (context, client, id) => {
      const outcome = textOf(context, 'outcome');
      if (outcome !== 'justified' && outcome !== 'unjustified')
        throw new UsageError('--outcome is justified or unjustified.');
      const body = { outcome, note: textOf(context, 'note') } as const;
      return done(context, await client.reviewRequest({ params: { id }, body }));
    },
  ],
]);

async function ask(context: CommandContext, database: string): Promise<number> {
  const { ticket, emergency } = context.values;
  const terms = termsOf(context);
  if (terms.policy === undefined && terms.access === undefined)
    throw new UsageError('Say what you ask for: --policy, --tables or --unmask.');
  const reason = textOf(context, 'reason');
  if (reason.trim().length < leastReason)
    throw new UsageError(
      `--reason takes ${leastReason} characters or more: approvers read it before they decide.`,
    );
  const client = await context.engine.api();
  const request = await client.createRequest({
    body: {
      database,
      ...terms,
      reason,
      ...(typeof ticket === 'string' ? { ticket } : {}),
      emergency: emergency === true,
    },
  });
  if (context.values['wait'] === true) return await show(context, client, { id: request.id, waits: true });
  return answer(context, request);
}

async function list(context: CommandContext): Promise<number> {
  const { inbox, all } = context.values;
  if (inbox === true && all === true) throw new UsageError('Give either --inbox or --all.');
  const client = await context.engine.api();
  const scope = inbox === true ? 'inbox' : all === true ? 'all' : 'mine';
  const { items } = await client.listRequests({ query: { scope } });
  print(context, { requests: items }, items.length === 0 ? 'There is no request.' : requestTable(items));
  return exitCodes.done;
}

async function show(
  context: CommandContext,
  client: ApiClient,
  { id, waits }: { readonly id: string; readonly waits: boolean },
): Promise<number> {
  const interrupted = new AbortController();
  const stop = waits ? context.onSignal(() => interrupted.abort()) : () => {};
  try {
    for (;;) {
      const request = await client.getRequest({ params: { id } });
      if (!waits || !isWaiting(request) || interrupted.signal.aborted) return answer(context, request);
      await delay(lookEveryMs, undefined, { signal: interrupted.signal }).catch(() => {});
    }
  } finally {
    stop();
  }
}

function isWaiting({ state }: RequestView): boolean {
  return state === 'pending' || state === 'approved';
}

/** Prints a request; the exit code says how it stands. */
function answer(context: CommandContext, request: RequestView): number {
  print(context, { request }, requestText(request));
  if (isWaiting(request)) return exitCodes.waiting;
  return request.state === 'active' ? exitCodes.done : exitCodes.failed;
}

function done(context: CommandContext, request: RequestView): number {
  print(context, { request }, requestText(request));
  return exitCodes.done;
}

function textOf({ values }: CommandContext, name: string): string {
  const value = values[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new UsageError(`--${name} TEXT is missing.`);
}

/** The id that begins like this, among mine and those that wait for me. */
async function idOf(client: ApiClient, name: string): Promise<string> {
  if (isUuid(name)) return name;
  if (!/^[0-9a-f]{8}[0-9a-f-]{0,28}$/.test(name))
    throw new UsageError('A request is named by its id, or by its first eight characters or more.');
  const lists = [
    await client.listRequests({ query: { scope: 'mine', limit: 500 } }),
    await client.listRequests({ query: { scope: 'inbox', limit: 500 } }),
  ];
  const found = new Set(
    lists.flatMap(({ items }) => items.map(({ id }) => id)).filter((id) => id.startsWith(name)),
  );
  const [id] = found;
  if (id !== undefined && found.size === 1) return id;
  throw new AppError('NOT_FOUND', {
    message: found.size === 0 ? 'There is no such request.' : 'More than one request begins like this.',
    hint: '"daam request list --json" tells whole ids.',
  });
}
