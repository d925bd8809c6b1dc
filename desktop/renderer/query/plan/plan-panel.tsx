import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { QueryResult } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Facts } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { duration, timeWithSeconds } from '../../ui/time.ts';
import { TreeGrid } from '../../ui/tree-grid.tsx';
import { changeWords, comparePlans } from './compare-plans.ts';
import type { PlanComparison } from './compare-plans.ts';
import { keepPlan, plansOf } from './earlier-plans.ts';
import { misestimate, parsePlan } from './parse-plan.ts';
import type { PlanNode } from './parse-plan.ts';
import { toggled } from '../../ui/toggled.ts';

type Shown = 'tree' | 'text' | 'json';

const noPlan = '-';

export interface PlanPanelProps {
  readonly result: QueryResult;
  readonly onCopy: (text: string) => void;
}

/** A plan as a tree with the share of each node, as text, or as JSON. */
export function PlanPanel({ result, onCopy }: PlanPanelProps): ReactNode {
  const bridge = useBridge();
  const [shown, setShown] = useState<Shown>('tree');
  const plan = useQuery({
    queryKey: ['plan', result.id],
    queryFn: () => bridge.call('readPlan', { result: result.id }),
  });
  const earlier = plansOf(result.tab, result.id);
  const [other, setOther] = useState(noPlan);
  const compared = earlier.find(({ id }) => id === other)?.json ?? null;
  const json = plan.data?.json;
  useEffect(() => {
    const { id, tab, name, at } = result;
    if (json !== undefined) keepPlan({ id, tab, name, at, json });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a plan does not change
  }, [result.id, json]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-border px-3 py-1">
        <Segmented
          label="Show the plan as"
          value={shown}
          options={[
            { value: 'tree', label: 'Tree' },
            { value: 'text', label: 'Text' },
            { value: 'json', label: 'JSON' },
          ]}
          onChange={setShown}
        />
        {shown !== 'tree' || earlier.length === 0 ? null : (
          <Select
            label="Compare with"
            isLabelHidden
            className="w-56 min-w-0"
            value={other}
            options={[
              { value: noPlan, label: 'Compare with an earlier plan' },
              ...earlier.map(({ id, name, at }) => ({
                value: id,
                label: `${timeWithSeconds(at)} · ${name}`,
              })),
            ]}
            onChange={setOther}
          />
        )}
        <span className="ml-auto">
          <Button onClick={() => onCopy((shown === 'json' ? plan.data?.json : plan.data?.text) ?? '')}>
            Copy plan
          </Button>
        </span>
      </div>
      <FetchedContent query={plan} what="the plan">
        {({ json, text }) =>
          shown === 'tree' ? (
            <PlanTree json={json} earlier={compared} />
          ) : (
            <pre
              // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable
              tabIndex={0}
              aria-label="Plan"
              className="min-h-0 flex-1 overflow-auto p-3 font-data text-12"
            >
              {shown === 'json' ? json : text}
            </pre>
          )
        }
      </FetchedContent>
    </div>
  );
}

function PlanTree({ json, earlier }: { readonly json: string; readonly earlier: string | null }): ReactNode {
  const nodes = useMemo(() => parsePlan(json), [json]);
  const before = useMemo(() => (earlier === null ? null : parsePlan(earlier)), [earlier]);
  const comparison = useMemo(
    () => (nodes === null || before === null ? null : comparePlans(before, nodes)),
    [nodes, before],
  );
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<string | null>(null);
  if (nodes === null) return <p className="p-3 text-text-2">The server gave no plan for this statement.</p>;
  const rows = nodes
    .filter(({ id }) => ![...folded].some((parent) => id.startsWith(`${parent}.`)))
    .map((node) => ({
      id: node.id,
      level: node.level,
      value: node,
      isExpandable: node.hasChildren,
      isExpanded: !folded.has(node.id),
    }));
  const chosen =
    nodes.find(({ id }) => id === selected) ?? nodes.find(({ isSlowest }) => isSlowest) ?? nodes[0];
  const isMeasured = nodes[0]?.totalMs !== null;
  return (
    <div className="flex min-h-0 flex-1 max-narrow:flex-col">
      <div className="min-h-0 flex-1 overflow-auto">
        {comparison === null ? null : (
          <Difference before={before?.[0]} after={nodes[0]} comparison={comparison} />
        )}
        <TreeGrid
          label="Plan"
          rows={rows}
          selected={chosen?.id ?? null}
          onSelect={setSelected}
          onToggle={(id) => setFolded((all) => toggled(all, id))}
          columns={[
            { id: 'node', header: 'Node', render: (node) => <NodeTitle node={node} /> },
            { id: 'self', header: isMeasured ? 'Self' : 'Cost', render: (node) => <Share node={node} /> },
            ...(isMeasured
              ? [
                  {
                    id: 'total',
                    header: 'Total',
                    className: 'text-right tabular-nums whitespace-nowrap',
                    render: (node: PlanNode) => (node.totalMs === null ? '' : duration(node.totalMs)),
                  },
                ]
              : []),
            ...(comparison === null
              ? []
              : [
                  {
                    id: 'before',
                    header: 'Before',
                    className: 'text-right tabular-nums whitespace-nowrap',
                    render: (node: PlanNode) => <Before node={node} comparison={comparison} />,
                  },
                ]),
            {
              id: 'rows',
              header: 'Rows',
              className: 'text-right tabular-nums whitespace-nowrap',
              render: (node) => <Rows node={node} />,
            },
          ]}
        />
      </div>
      {chosen === undefined ? null : (
        <aside
          aria-label="Node"
          className="w-80 flex-none overflow-y-auto border-l border-border p-3 max-narrow:w-full"
        >
          <h3 className="mb-1.5 font-bold">{chosen.title}</h3>
          {chosen.details.length === 0 ? (
            <p className="text-text-2">Nothing more is known of it.</p>
          ) : (
            <Facts
              facts={chosen.details.map(([name, text]) => [
                name,
                <span key={name} className="font-data text-12">
                  {text}
                </span>,
              ])}
            />
          )}
        </aside>
      )}
    </div>
  );
}

function NodeTitle({ node }: { readonly node: PlanNode }): ReactNode {
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      {node.title}
      {node.isSlowest ? <Chip tone="warn">slowest</Chip> : null}
      {node.isOnSlowestPath && !node.isSlowest ? (
        <span className="text-11 text-text-2" title="On the way to what takes most">
          ▸ slow path
        </span>
      ) : null}
    </span>
  );
}

function weightWords({ totalMs, totalCost }: PlanNode): string {
  return totalMs === null ? `cost ${totalCost?.toFixed(0) ?? '?'}` : duration(totalMs);
}

/** What became of the whole, and which nodes are no more. */
function Difference(of: {
  readonly before: PlanNode | undefined;
  readonly after: PlanNode | undefined;
  readonly comparison: PlanComparison;
}): ReactNode {
  const { before, after, comparison } = of;
  if (before === undefined || after === undefined) return null;
  const isMeasured = before.totalMs !== null && after.totalMs !== null;
  const change = isMeasured
    ? changeWords(before.totalMs, after.totalMs)
    : changeWords(before.totalCost, after.totalCost);
  const gone = comparison.gone.slice(0, 5).map(({ title }) => title);
  return (
    <output className="flex flex-wrap gap-x-3 px-3 py-1.5 text-12 text-text-2">
      <span>
        {weightWords(after)}, {weightWords(before)} before{change === null ? '' : ` (${change})`}
      </span>
      {gone.length === 0 ? null : (
        <span>
          No longer there: {gone.join(', ')}
          {comparison.gone.length > 5 ? ` and ${comparison.gone.length - 5} more` : ''}
        </span>
      )}
    </output>
  );
}

function Before({
  node,
  comparison,
}: {
  readonly node: PlanNode;
  readonly comparison: PlanComparison;
}): ReactNode {
  const before = comparison.before.get(node.id);
  return before === undefined ? <Chip>new</Chip> : weightWords(before);
}

function Share({ node }: { readonly node: PlanNode }): ReactNode {
  return (
    <span className="flex items-center gap-2 whitespace-nowrap tabular-nums">
      <span aria-hidden="true" className="h-2 w-20 rounded-chip bg-sunken">
        <span
          className="block h-2 rounded-chip bg-accent"
          style={{ width: `${Math.round(node.share * 100)}%` }}
        />
      </span>
      {node.selfMs === null ? (node.totalCost?.toFixed(0) ?? '') : duration(node.selfMs)}
    </span>
  );
}

function Rows({ node }: { readonly node: PlanNode }): ReactNode {
  const off = misestimate(node);
  const estimated = node.estimatedRows?.toLocaleString() ?? '?';
  return (
    <span className="inline-flex items-center gap-2">
      {node.actualRows === null ? estimated : `${estimated} → ${node.actualRows.toLocaleString()}`}
      {off !== null && off >= 10 ? <Chip tone="warn">×{Math.round(off).toLocaleString()} off</Chip> : null}
    </span>
  );
}
