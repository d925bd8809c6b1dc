/** PostgreSQL's EXPLAIN (FORMAT JSON) as a tree with the times that a node took by itself (PostgreSQL docs, 14.1). */
import * as z from 'zod';

const limit = 5_000;

const rawNode: z.ZodType<RawNode> = z.lazy(() =>
  z.looseObject({
    'Node Type': z.string(),
    Plans: z.array(rawNode).optional(),
  }),
);

interface RawNode {
  readonly 'Node Type': string;
  readonly Plans?: readonly RawNode[] | undefined;
  readonly [key: string]: unknown;
}

const document = z.array(z.looseObject({ Plan: rawNode })).min(1);

export interface PlanNode {
  readonly id: string;
  readonly level: number;
  readonly title: string;
  /** Filter, index condition, sort key: name and text. */
  readonly details: readonly (readonly [name: string, text: string])[];
  readonly estimatedRows: number | null;
  readonly actualRows: number | null;
  readonly loops: number | null;
  readonly totalCost: number | null;
  /** Milliseconds over all loops, with what is below. */
  readonly totalMs: number | null;
  readonly selfMs: number | null;
  /** Share of the whole that this node took by itself, 0 to 1; by time, else by cost. */
  readonly share: number;
  readonly isSlowest: boolean;
  /** From the top, always the part that takes most with all that is below it. */
  readonly isOnSlowestPath: boolean;
  readonly hasChildren: boolean;
}

const detailNames = [
  'Filter',
  'Rows Removed by Filter',
  'Index Cond',
  'Recheck Cond',
  'Hash Cond',
  'Merge Cond',
  'Join Filter',
  'Sort Key',
  'Group Key',
  'Sort Method',
  'Shared Hit Blocks',
  'Shared Read Blocks',
  'Workers Launched',
];

/** The nodes top-down; null when the text is no plan. */
export function parsePlan(json: string): PlanNode[] | null {
  const root = readRoot(json);
  if (root === null) return null;
  const nodes: PlanNode[] = [];
  collect(root, 1, '0', nodes);
  const whole = nodes[0]?.totalMs ?? nodes[0]?.totalCost ?? 0;
  const path = slowestPath(nodes);
  const slowest = nodes.reduce((most, node) => Math.max(most, node.share), 0);
  return nodes.map((node) => ({
    ...node,
    share: whole === 0 ? 0 : Math.min(1, node.share / whole),
    isSlowest: slowest > 0 && node.share === slowest && nodes.length > 1,
    isOnSlowestPath: path.has(node.id),
  }));
}

function slowestPath(nodes: readonly PlanNode[]): ReadonlySet<string> {
  const path = new Set<string>();
  const weight = ({ totalMs, totalCost }: PlanNode): number => totalMs ?? totalCost ?? 0;
  let level: readonly PlanNode[] = nodes.slice(0, 1);
  while (level.length > 0) {
    const most = level.reduce((one, other) => (weight(other) > weight(one) ? other : one));
    path.add(most.id);
    level = nodes.filter(({ id, level: depth }) => depth === most.level + 1 && id.startsWith(`${most.id}.`));
  }
  return path;
}

/** How far the estimate was off: 1 is exact; null where it is not known. */
export function misestimate({ estimatedRows, actualRows }: PlanNode): number | null {
  if (estimatedRows === null || actualRows === null) return null;
  const [most, least] = [
    Math.max(estimatedRows, actualRows, 1),
    Math.max(Math.min(estimatedRows, actualRows), 1),
  ];
  return most / least;
}

function collect(raw: RawNode, level: number, id: string, nodes: PlanNode[]): void {
  if (nodes.length >= limit || level > 200) return;
  const children = raw.Plans ?? [];
  const loops = number(raw, 'Actual Loops');
  const totalMs = times(number(raw, 'Actual Total Time'), loops);
  const totalCost = number(raw, 'Total Cost');
  const below = (read: (child: RawNode) => number | null): number =>
    children.reduce((sum, child) => sum + (read(child) ?? 0), 0);
  const selfMs =
    totalMs === null
      ? null
      : Math.max(
          0,
          totalMs -
            below((child) => times(number(child, 'Actual Total Time'), number(child, 'Actual Loops'))),
        );
  const selfCost =
    totalCost === null ? 0 : Math.max(0, totalCost - below((child) => number(child, 'Total Cost')));
  nodes.push({
    id,
    level,
    title: titleOf(raw),
    details: detailNames.flatMap((name) => {
      const value = raw[name];
      if (value === undefined || value === 0) return [];
      if (Array.isArray(value)) return [[name, value.join(', ')] as const];
      return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [];
    }),
    estimatedRows: number(raw, 'Plan Rows'),
    actualRows: times(number(raw, 'Actual Rows'), loops),
    loops,
    totalCost,
    totalMs,
    selfMs,
    share: selfMs ?? selfCost,
    isSlowest: false,
    isOnSlowestPath: false,
    hasChildren: children.length > 0,
  });
  for (const [index, child] of children.entries()) collect(child, level + 1, `${id}.${index}`, nodes);
}

function titleOf(raw: RawNode): string {
  const relation = text(raw, 'Relation Name') ?? text(raw, 'CTE Name') ?? text(raw, 'Function Name');
  const index = text(raw, 'Index Name');
  const join = text(raw, 'Join Type');
  return [
    join === null || join === 'Inner' ? raw['Node Type'] : `${raw['Node Type']} (${join})`,
    index === null ? null : `using ${index}`,
    relation === null ? null : `on ${relation}`,
  ]
    .filter((part) => part !== null)
    .join(' ');
}

function times(value: number | null, loops: number | null): number | null {
  return value === null ? null : value * (loops ?? 1);
}

function number(raw: RawNode, name: string): number | null {
  const value = raw[name];
  return typeof value === 'number' ? value : null;
}

function text(raw: RawNode, name: string): string | null {
  const value = raw[name];
  return typeof value === 'string' ? value : null;
}

/** What is nested deeper than the stack is no plan either. */
function readRoot(json: string): RawNode | null {
  try {
    return document.safeParse(JSON.parse(json)).data?.[0]?.Plan ?? null;
  } catch {
    return null;
  }
}
