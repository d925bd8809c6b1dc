import { beforeEach, describe, expect, it } from 'vitest';
import type { Bridge } from '../../ipc/bridge.ts';
import type { Query } from '../../ipc/schema.ts';
import { forgetTabs, useQueryStore } from './query-store.ts';
import { readAll } from './use-query-data.ts';
import type { ToldMeanwhile } from './use-query-data.ts';

const start = useQueryStore.getState();

function query(tab: string, results: string[] = []): Query {
  return { tab, database: 'orders', session: { kind: 'none' }, run: null, results, policyChanged: null };
}

/** A bridge that answers from a table; what is missing there is refused. */
function bridgeOf(answers: Readonly<Record<string, (params: unknown) => unknown>>): Bridge {
  const call = async (method: string, params: unknown): Promise<unknown> => {
    const answer = answers[method];
    if (answer === undefined) throw new Error(`not answered: ${method}`);
    return answer(params);
  };
  return { call } as unknown as Bridge;
}

function told(queries: string[] = []): ToldMeanwhile {
  return { queries: new Set(queries), results: new Set(), exports: new Set() };
}

const workspace = { tabs: [], active: null };

describe('what the engine has, read while the screen opens,', () => {
  beforeEach(() => useQueryStore.setState(start, true));

  it('is not put over a run that was told meanwhile', async () => {
    const [old, now] = [query('a'), query('a', ['r'])];
    useQueryStore.setState({ queries: { a: now, gone: query('gone') } });
    const bridge = bridgeOf({
      readWorkspace: () => workspace,
      listQueries: () => [old, query('b')],
      listExports: () => [],
    });
    await readAll(bridge, told(['a']));
    expect(useQueryStore.getState().queries).toEqual({ a: now, b: query('b') });
  });

  it('shows the tabs also when one of the results is gone by then', async () => {
    const bridge = bridgeOf({
      readWorkspace: () => workspace,
      listQueries: () => [query('a', ['gone'])],
      listExports: () => [],
    });
    await readAll(bridge, told());
    expect(useQueryStore.getState()).toMatchObject({ isReady: true, results: {} });
  });

  it('is nobody’s any more when its person left while it was read', async () => {
    const over = new AbortController();
    const bridge = bridgeOf({
      readWorkspace: () => ({ tabs: [{ id: 't' }], active: 't' }),
      listQueries: () => {
        over.abort();
        forgetTabs();
        return [query('t')];
      },
      listExports: () => [],
    });
    await readAll(bridge, told(), over.signal);
    expect(useQueryStore.getState()).toMatchObject({ isReady: false, tabs: [], queries: {}, reading: 1 });
  });
});
