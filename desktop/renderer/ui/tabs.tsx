import { Tabs as Base } from '@base-ui/react/tabs';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

export interface TabsProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly tabs: readonly {
    readonly value: Value;
    readonly label: ReactNode;
    readonly panel: ReactNode;
  }[];
}

/** Tabs by arrow keys; only the panel of the chosen one is in the document. */
export function Tabs<Value extends string>({ label, value, onChange, tabs }: TabsProps<Value>): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  const chosen = tabs.findIndex((tab) => tab.value === value);
  useEffect(() => showTab(list.current, chosen), [chosen]);
  return (
    <Base.Root
      value={value}
      onValueChange={(wanted: unknown) => {
        const tab = tabs.find((candidate) => candidate.value === wanted);
        if (tab !== undefined) onChange(tab.value);
      }}
      className="flex min-h-0 flex-col"
    >
      <Base.List
        ref={list}
        aria-label={label}
        activateOnFocus
        className="flex flex-none gap-1 overflow-x-auto border-b border-border px-4 py-0.5"
      >
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className="inline-flex min-h-8 items-center gap-1.5 px-2 whitespace-nowrap text-text-2 hover:text-text focus-visible:-outline-offset-2 data-active:font-medium data-active:text-text data-active:shadow-[inset_0_-2px_var(--accent)]"
          >
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel
          key={tab.value}
          value={tab.value}
          className="min-h-0 flex-1 focus-visible:-outline-offset-2"
        >
          {tab.panel}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}

/** On a narrow window the tabs scroll sideways: the chosen one is brought into sight, and nothing but its row moves. */
function showTab(list: HTMLElement | null, chosen: number): void {
  const tab = list?.querySelectorAll('[role="tab"]')[chosen];
  if (list === null || tab === undefined) return;
  const [row, box] = [list.getBoundingClientRect(), tab.getBoundingClientRect()];
  const beyond = Math.max(0, box.right - row.right) + Math.min(0, box.left - row.left);
  if (beyond !== 0) list.scrollLeft += beyond + Math.sign(beyond) * 16;
}
