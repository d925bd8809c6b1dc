import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

export interface PageHeaderProps {
  readonly title: string;
  /** Chips and words beside the title. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** The one h1 of a route, and what can be done with the whole. The focus comes here when the route changes. */
export function PageHeader({ title, children, actions }: PageHeaderProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · DAAM`;
    const { activeElement } = document;
    if (isFirstPage) isFirstPage = false;
    else if (activeElement === null || activeElement === document.body || isNavigation(activeElement))
      heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <div className="flex min-h-13 flex-none flex-wrap items-center gap-x-3 gap-y-2 border-b border-border px-4 py-2.5">
      <h1 ref={heading} tabIndex={-1} className="text-16 font-bold outline-none">
        {title}
      </h1>
      {children}
      {actions === undefined ? null : (
        <div className="ml-auto flex flex-wrap items-center gap-2 max-narrow:ml-0">{actions}</div>
      )}
    </div>
  );
}

/** A page just opened leaves the focus to the browser, so that Tab begins at the skip link. */
let isFirstPage = true;

function isNavigation(element: Element): boolean {
  return element.closest('nav') !== null;
}

/** A part of a page with its own heading. */
export function Section({
  title,
  actions,
  children,
}: {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section aria-label={title} data-inset="" className="px-4 py-3">
      <div className="mb-1.5 flex flex-wrap items-center gap-2">
        <h2 className="min-w-0 flex-1 basis-40 font-bold wrap-anywhere">{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** Names and values, one a line. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
}): ReactNode {
  return (
    <dl className="grid grid-cols-[minmax(5rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-0.5">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-text-3">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
