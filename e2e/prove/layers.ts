/**
 * The layers, taken away one by one. Each is an injected dependency of the agent (`AgentDeps.adjustView`) or a
 * privilege on the test's own server; nothing of it can be configured.
 */
import type { AdjustView } from '@daam/agent/app';
import { withClient } from './world/load.ts';
import type { AgentPair, World, Worlds } from './worlds.ts';

type View = Parameters<AdjustView>[0];
type Names = Parameters<View['gate']>[1];
type Verdict = ReturnType<View['gate']>;

/** One way to run the agent. */
export interface LayerSet {
  /** Part of a database's name: a to z. */
  readonly label: string;
  readonly title: string;
  readonly adjustView?: AdjustView;
  readonly elevation?: boolean;
  /** Everyone may read everything in the servers: the floor is gone. */
  readonly withoutFloor?: true;
  /** What must still hold: everything, or less where layers are away on which some rows depend. */
  readonly holds: 'all' | 'all but diagnostics' | 'gate' | 'floor' | 'nothing';
}

/** The agent as it is meant to be. */
export const allLayers: LayerSet = { label: 'all', title: 'all layers', holds: 'all' };

/** The ways that the attack classes are run in besides. */
export const layerSets = {
  floorAlone: {
    label: 'floor',
    title: 'the floor alone',
    holds: 'floor',
    adjustView: (view) => ({
      ...view,
      hasMasks: false,
      skipsResultAssertion: true,
      gate: (sql, names) => passed(view, sql, names, 'base'),
    }),
  },
  withoutGate: {
    label: 'nogate',
    title: 'without gate and rewriter',
    holds: 'floor',
    adjustView: (view) => ({ ...view, gate: (sql, names) => passed(view, sql, names, 'base') }),
  },
  withoutRewriter: {
    label: 'norewrite',
    title: 'without rewriter',
    holds: 'all',
    adjustView: (view) => ({
      ...view,
      gate: (sql, names) => {
        const verdict = view.gate(sql, names);
        if (verdict.kind === 'deny') return verdict;
        const asItCame = {
          rewritten: false,
          literalIndependent: false,
          parameters: [],
          pieces: null,
          guards: [],
        };
        return { ...verdict, ...asItCame, sql, tier: 'base' };
      },
    }),
  },
  withoutFloor: { label: 'nofloor', title: 'without the floor', holds: 'gate', withoutFloor: true },
  withoutAssertion: {
    label: 'noassert',
    title: 'without result assertion',
    holds: 'all',
    adjustView: (view) => ({ ...view, skipsResultAssertion: true }),
  },
  withoutDiagnostics: {
    label: 'nodiag',
    title: 'without diagnostics filter',
    holds: 'all but diagnostics',
    adjustView: (view) => ({ ...view, hasMasks: false }),
  },
  withoutElevation: { label: 'noelev', title: 'elevation switched off', holds: 'all', elevation: false },
  assertionAlone: {
    label: 'assert',
    title: 'the result assertion alone',
    holds: 'nothing',
    withoutFloor: true,
    adjustView: (view) => ({
      ...view,
      hasMasks: false,
      gate: (sql, names) => passed(view, sql, names, 'base'),
    }),
  },
} as const satisfies Readonly<Record<string, LayerSet>>;

/** The text as it came, judged like the plainest statement there is. */
function passed(view: View, sql: string, names: Names, tier: 'base'): Verdict {
  const plain = view.gate('SELECT 1', names);
  if (plain.kind === 'deny') return plain;
  return { ...plain, sql, tier, literalIndependent: false };
}

/** Runs `use` with agents of this kind; afterwards nothing of it is left. */
export async function withLayers<T>(
  worlds: Worlds,
  { label, adjustView, elevation, withoutFloor }: LayerSet,
  use: (pair: AgentPair) => Promise<T>,
): Promise<T> {
  await using _floor = withoutFloor === true ? await openFloor([worlds.a, worlds.b]) : null;
  await using pair = await worlds.startAgents({
    label,
    ...(adjustView === undefined ? {} : { adjustView }),
    ...(elevation === undefined ? {} : { elevation }),
  });
  return await use(pair);
}

async function openFloor(worlds: readonly World[]): Promise<AsyncDisposable> {
  const everywhere = async (sql: string): Promise<void> => {
    for (const { superuserDsn } of worlds)
      await withClient(superuserDsn, async (client) => await client.query(sql));
  };
  await everywhere(
    'GRANT SELECT ON ALL TABLES IN SCHEMA public, sales TO PUBLIC; GRANT USAGE ON SCHEMA sales TO PUBLIC',
  );
  return {
    [Symbol.asyncDispose]: async () =>
      await everywhere(
        'REVOKE SELECT ON ALL TABLES IN SCHEMA public, sales FROM PUBLIC; REVOKE USAGE ON SCHEMA sales FROM PUBLIC',
      ),
  };
}
