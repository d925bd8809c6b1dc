import * as z from 'zod';

/** A node of PostgreSQL's JSON plans; what is not named here is told as "name: value". */
const nodeSchema: z.ZodType<PlanNode> = z.looseObject({
  'Node Type': z.string(),
  get Plans() {
    return z.array(nodeSchema).optional();
  },
});
interface PlanNode {
  readonly 'Node Type': string;
  readonly Plans?: readonly PlanNode[] | undefined;
  readonly [key: string]: unknown;
}
const planSchema = z.array(z.looseObject({ Plan: nodeSchema })).max(100);

const inHead = new Set([
  'Node Type',
  'Plans',
  'Relation Name',
  'Alias',
  'Index Name',
  'Schema',
  'Startup Cost',
  'Total Cost',
  'Plan Rows',
  'Plan Width',
  'Actual Startup Time',
  'Actual Total Time',
  'Actual Rows',
  'Actual Loops',
  'Parent Relationship',
  'Parallel Aware',
  'Async Capable',
  'Disabled',
]);
const maxDepth = 200;

/** A JSON plan as text, for people and for pasting; the JSON itself where it is no plan. */
export function planText(json: string): string {
  try {
    const plans = planSchema.parse(JSON.parse(json));
    return plans
      .map(({ Plan, ...rest }) => [...nodeLines(Plan, 0), ...valueLines(rest, '')].join('\n'))
      .join('\n\n');
  } catch {
    return json;
  }
}

function nodeLines(node: PlanNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const arrow = depth === 0 ? '' : '-> ';
  const below = `${indent}${' '.repeat(arrow.length)}  `;
  const rest = Object.fromEntries(Object.entries(node).filter(([key]) => !inHead.has(key)));
  const children = depth >= maxDepth ? [] : (node.Plans ?? []);
  return [
    `${indent}${arrow}${headOf(node)}`,
    ...valueLines(rest, below),
    ...children.flatMap((child) => nodeLines(child, depth + 1)),
  ];
}

function headOf(node: PlanNode): string {
  const text = (key: string): string | null => (key in node ? String(node[key]) : null);
  const relation = text('Relation Name');
  const alias = text('Alias');
  const index = text('Index Name');
  const name = `${node['Node Type']}${index === null ? '' : ` using ${index}`}${relation === null ? '' : ` on ${relation}`}${alias === null || alias === relation ? '' : ` ${alias}`}`;
  const cost = text('Total Cost');
  const costs =
    cost === null
      ? ''
      : `  (cost=${text('Startup Cost')}..${cost} rows=${text('Plan Rows')} width=${text('Plan Width')})`;
  const time = text('Actual Total Time');
  const actual =
    time === null
      ? ''
      : ` (actual time=${text('Actual Startup Time')}..${time} rows=${text('Actual Rows')} loops=${text('Actual Loops')})`;
  return `${name}${costs}${actual}`;
}

function valueLines(values: Readonly<Record<string, unknown>>, indent: string): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === null || value === 0 || value === false) return [];
    if (Array.isArray(value) && value.every((each) => typeof each !== 'object'))
      return [`${indent}${key}: ${value.join(', ')}`];
    return typeof value === 'object' ? [] : [`${indent}${key}: ${JSON.stringify(value)}`];
  });
}
