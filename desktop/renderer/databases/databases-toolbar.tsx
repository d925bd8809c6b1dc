import type { ReactNode, Ref } from 'react';
import { buttonClass } from '../ui/button.tsx';
import { PageHeader } from '../ui/page.tsx';
import type { DatabaseFilter } from './filter-databases.ts';

export interface DatabasesToolbarProps {
  readonly filter: DatabaseFilter;
  readonly onFilter: (filter: DatabaseFilter) => void;
  readonly filterInput: Ref<HTMLInputElement>;
  /** There is something to filter. */
  readonly isFilterShown: boolean;
}

export function DatabasesToolbar(props: DatabasesToolbarProps): ReactNode {
  const { filter, onFilter, filterInput, isFilterShown } = props;
  return (
    <PageHeader
      title="Databases"
      actions={
        <a href="#/requests/new" className={buttonClass()}>
          Request access
        </a>
      }
    >
      {isFilterShown ? (
        <>
          <input
            ref={filterInput}
            type="search"
            aria-label="Filter databases"
            placeholder="Filter by name, environment or policy"
            value={filter.text}
            onChange={({ target }) => onFilter({ ...filter, text: target.value })}
            className="h-7 w-72 max-w-full rounded-control border border-control bg-surface px-2 placeholder:text-text-3 max-narrow:order-2 max-narrow:w-full"
          />
          <label className="flex min-h-7 items-center gap-1.5 max-narrow:order-3">
            <input
              type="checkbox"
              checked={filter.connectedOnly}
              onChange={({ target }) => onFilter({ ...filter, connectedOnly: target.checked })}
              className="size-4 accent-accent-solid"
            />
            Connected only
          </label>
        </>
      ) : null}
    </PageHeader>
  );
}
