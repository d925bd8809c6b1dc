/** Two plans side by side: which node of the one was which of the other. */
import type { PlanNode } from './parse-plan.ts';

export interface PlanComparison {
  /** By the id of a node of the later plan; a node that is not in it is new. */
  readonly before: ReadonlyMap<string, PlanNode>;
  /** Nodes of the earlier plan that are no more, top-down. */
  readonly gone: readonly PlanNode[];
}

/** Nodes are the same where the way to them from the top is, title by title. */
export function comparePlans(earlier: readonly PlanNode[], later: readonly PlanNode[]): PlanComparison {
  const known = new Map([...waysOf(earlier)].map(([node, way]) => [way, node]));
  const before = new Map<string, PlanNode>();
  for (const [node, way] of waysOf(later)) {
    const found = known.get(way);
    if (found === undefined) continue;
    before.set(node.id, found);
    known.delete(way);
  }
  return { before, gone: [...known.values()] };
}

/** The titles from the top, each with its number among brothers of the same title. */
function waysOf(nodes: readonly PlanNode[]): Map<PlanNode, string> {
  const ways = new Map<PlanNode, string>();
  const byId = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const parent = byId.get(node.id.slice(0, Math.max(0, node.id.lastIndexOf('.')))) ?? '';
    const name = `${parent}\n${node.title}`;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    const way = `${name}#${count}`;
    ways.set(node, way);
    byId.set(node.id, way);
  }
  return ways;
}

/** "−67 %", "+5 %" of what a plan takes; null where the two cannot be compared. */
export function changeWords(before: number | null, after: number | null): string | null {
  if (before === null || after === null || before === 0) return null;
  const percent = Math.round(((after - before) / before) * 100);
  if (percent === 0) return 'the same';
  return percent < 0 ? `−${-percent} %` : `+${percent.toLocaleString()} %`;
}
