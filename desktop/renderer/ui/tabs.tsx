import { Tabs as Base } from '@base-ui/react/tabs';
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
  return (
    <Base.Root
      value={value}
      onValueChange={(chosen: unknown) => {
        const tab = tabs.find((candidate) => candidate.value === chosen);
        if (tab !== undefined) onChange(tab.value);
      }}
      className="flex min-h-0 flex-col"
    >
      <Base.List
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
