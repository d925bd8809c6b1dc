/**
 * Part 3 of the proof: every attack class as a named case, with all layers on and with layers taken away. A case leaks
 * when a canary comes out or when the two worlds can be told apart by its bytes.
 */
import { type Attack, guessesOf, onlyDiagnosticsStop, onlyFloorStops } from './attacks/attack.ts';
import { carrierAttacks } from './attacks/carriers.ts';
import { codeAttacks } from './attacks/code.ts';
import { protocolAttacks } from './attacks/protocol.ts';
import { readAttacks } from './attacks/reads.ts';
import { CanaryScan } from './canary-scan.ts';
import { allLayers, type LayerSet, layerSets, withLayers } from './layers.ts';
import type { ClassCount, Finding, Part, PartResult, ProveContext } from './part.ts';
import { findingText } from './report.ts';
import { actText, type Seen, Twins } from './twins.ts';
import type { AgentPair, Worlds } from './worlds.ts';

/** What became of an attack. `seen` says how it leaked. */
interface Outcome {
  readonly attack: Attack;
  readonly leak: { readonly what: string; readonly seen: string } | null;
}

export const attackClasses: Part = {
  name: 'attack-classes',
  about: 'every attack class, with all layers and with each taken away',
  runs: 'major',
  run: async (context) => {
    const worlds = await context.worlds();
    const attacks = attacksFor(worlds);
    const outcomesOf = async (layers: LayerSet): Promise<readonly Outcome[]> => {
      const use = (pair: AgentPair): Promise<readonly Outcome[]> => attempt(worlds, pair, attacks);
      const outcomes = await withLayers(worlds, layers, use);
      context.log(`${layers.title}: leaks in rows ${rowsText(outcomes)}`);
      return outcomes;
    };
    const whole = await outcomesOf(allLayers);
    const results = [wholeResult(context, whole)];
    for (const layers of Object.values(layerSets)) {
      if (context.isQuick && layers !== layerSets.floorAlone) continue;
      results.push(partialResult(context, layers, await outcomesOf(layers)));
    }
    return {
      counts: results.flatMap(({ counts }) => counts),
      findings: results.flatMap(({ findings }) => findings),
    };
  },
};

function attacksFor({ major, a }: Worlds): readonly Attack[] {
  const guesses = guessesOf(a.of);
  const all = [...readAttacks, ...carrierAttacks(guesses), ...codeAttacks(guesses), ...protocolAttacks];
  return all.filter(({ since }) => since === undefined || major >= since);
}

async function attempt(
  worlds: Worlds,
  pair: AgentPair,
  attacks: readonly Attack[],
): Promise<readonly Outcome[]> {
  const scan = new CanaryScan([worlds.a.of, worlds.b.of]);
  const outcomes: Outcome[] = [];
  for (const attack of attacks) {
    let outcome = await attemptOne(pair, scan, attack);
    if (outcome.leak !== null) {
      await worlds.settle();
      outcome = await attemptOne(pair, scan, attack);
    }
    outcomes.push(outcome);
  }
  return outcomes;
}

async function attemptOne(pair: AgentPair, scan: CanaryScan, attack: Attack): Promise<Outcome> {
  const { twins, seen: greeting } = await Twins.open(pair, scan, attack.startup);
  await using _ends = twins;
  const bad = (what: string, seen: Seen): Outcome | null => {
    if (seen.difference === null && seen.canaries.length === 0) return null;
    const canaries = seen.canaries.length === 0 ? '' : `canaries: ${seen.canaries.join(', ')}; `;
    return { attack, leak: { what, seen: `${canaries}${seen.difference ?? ''}` } };
  };
  const early = bad('the greeting', greeting);
  if (early !== null) return early;
  for (const act of attack.acts) {
    if (twins.isClosed) break;
    const outcome = bad(actText(act), await twins.act(act));
    if (outcome !== null) return outcome;
  }
  return { attack, leak: null };
}

/** With all layers on nothing may leak but what is documented. */
function wholeResult(context: ProveContext, outcomes: readonly Outcome[]): PartResult {
  const findings: Finding[] = [];
  const counts = [...Map.groupBy(outcomes, ({ attack }) => attack.group)].map(
    ([name, ofGroup]): ClassCount => {
      const leaks = ofGroup.filter(({ attack, leak }) => leak !== null && attack.isByDesign !== true);
      findings.push(...leaks.map((outcome) => findingOf(name, outcome)));
      const documented = ofGroup.filter(({ attack, leak }) => leak !== null && attack.isByDesign === true);
      const note = documented.length === 0 ? {} : { note: `documented: row ${rowsText(documented)}` };
      return { name, cases: ofGroup.length, failed: leaks.length, ...note };
    },
  );
  return report(context, { counts, findings });
}

/** With layers away, what leaks must be what the floor is known to let through, as far as the floor is there. */
function partialResult(context: ProveContext, layers: LayerSet, outcomes: readonly Outcome[]): PartResult {
  const leaks = outcomes.filter(({ leak }) => leak !== null);
  const unexpected = leaks.filter(({ attack }) => !mayLeak(attack, layers));
  const name = layers.title;
  const note = `stops ${outcomes.length - leaks.length}; leaks in rows ${rowsText(leaks)}`;
  return report(context, {
    counts: [{ name, cases: outcomes.length, failed: unexpected.length, note }],
    findings: unexpected.map((outcome) => findingOf(name, outcome)),
  });
}

function mayLeak({ row, isByDesign, passesFloor }: Attack, layers: LayerSet): boolean {
  if (isByDesign === true) return true;
  if (layers.holds === 'nothing') return true;
  if (layers.holds === 'gate') return onlyFloorStops.has(row);
  if (layers.holds === 'all but diagnostics') return onlyDiagnosticsStop.has(row);
  return layers.holds === 'floor' && passesFloor === true;
}

function findingOf(name: string, { attack, leak }: Outcome): Finding {
  return { kind: 'leak', name: `${name}, row ${attack.row}`, what: leak?.what ?? '', seen: leak?.seen ?? '' };
}

function report({ major, log }: ProveContext, result: PartResult): PartResult {
  for (const finding of result.findings) log(findingText(major, finding));
  return result;
}

function rowsText(outcomes: readonly Outcome[]): string {
  const rows = outcomes.filter(({ leak }) => leak !== null).map(({ attack }) => attack.row);
  return rows.length === 0 ? 'none' : [...new Set(rows)].toSorted((x, y) => x - y).join(', ');
}
