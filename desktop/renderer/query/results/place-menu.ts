import type { CopyFormat, ResultColumn } from '../../../ipc/schema.ts';
import type { MenuEntry } from '../../ui/menu.tsx';
import type { GridPlace } from '../../ui/result-grid/selection.ts';
import type { Filter, ResultGridState } from './use-result-grid.ts';

export interface PlaceMenuOptions {
  readonly place: GridPlace;
  readonly state: ResultGridState;
  readonly column: ResultColumn | undefined;
  readonly copyKeys: string;
  readonly onCopy: (format: CopyFormat) => void;
  readonly onView: () => void;
  readonly onRow: () => void;
  readonly onWhy: () => void;
  readonly onFit: () => void;
  readonly onCopyName: (name: string) => void;
}

/** What can be done with a column (its header) or a cell. */
export function placeMenu(options: PlaceMenuOptions): MenuEntry[] {
  const { place, column } = options;
  if (column === undefined) return [];
  return [
    ...(place.row < 0 ? columnEntries(options, column) : cellEntries(options)),
    ...(column.shows === 'plain'
      ? []
      : [
          { kind: 'separator' as const, id: 'line' },
          { id: 'why', label: 'Why is this masked?', keys: 'M', onSelect: options.onWhy },
        ]),
  ];
}

function columnEntries(options: PlaceMenuOptions, column: ResultColumn): MenuEntry[] {
  const { place, state } = options;
  const index = state.columns[place.column]?.index ?? 0;
  const isMasked = column.shows !== 'plain';
  const on = isMasked ? 'On loaded rows, by the mask' : 'On loaded rows';
  const order = (direction: 'ascending' | 'descending') => () =>
    void state.arrange({ ...state.arrangement, order: [{ column: index, direction }] });
  return [
    { id: 'up', label: 'Sort ascending', detail: on, onSelect: order('ascending') },
    { id: 'down', label: 'Sort descending', detail: on, onSelect: order('descending') },
    {
      id: 'null',
      label: 'Only rows with NULL',
      detail: on,
      onSelect: () => addFilter(state, filterOf(index, null)),
    },
    { kind: 'separator', id: 'line-1' },
    { id: 'fit', label: 'Fit width', onSelect: options.onFit },
    {
      id: 'pin',
      label: state.columns[place.column]?.isPinned === true ? 'Unpin column' : 'Pin column',
      onSelect: () => state.pin(index),
    },
    { id: 'hide', label: 'Hide column', onSelect: () => state.hide(index) },
    { id: 'name', label: 'Copy name', onSelect: () => options.onCopyName(column.name) },
  ];
}

function cellEntries(options: PlaceMenuOptions): MenuEntry[] {
  const { place, state } = options;
  const index = state.columns[place.column]?.index ?? 0;
  const value = state.rows.read(place.row, index);
  return [
    { id: 'copy', label: 'Copy', keys: options.copyKeys, onSelect: () => options.onCopy('tsv') },
    { id: 'json', label: 'Copy as JSON', onSelect: () => options.onCopy('json') },
    { id: 'insert', label: 'Copy as INSERT', onSelect: () => options.onCopy('insert') },
    { id: 'list', label: 'Copy as IN list', onSelect: () => options.onCopy('in-list') },
    { kind: 'separator', id: 'line-1' },
    { id: 'view', label: 'View the whole value', keys: 'Enter', onSelect: options.onView },
    { id: 'row', label: 'Row as a list', keys: 'Space', onSelect: options.onRow },
    ...(value === undefined || state.window.isCut(place.row, index)
      ? []
      : [
          {
            id: 'filter',
            label: 'Only rows with this value',
            detail: 'On loaded rows',
            onSelect: () => addFilter(state, filterOf(index, value)),
          },
        ]),
  ];
}

function filterOf(column: number, value: string | null): Filter {
  return value === null
    ? { column, operator: 'null', text: '' }
    : { column, operator: 'equals', text: value.slice(0, 1_000) };
}

function addFilter(state: ResultGridState, filter: Filter): void {
  void state.arrange({ ...state.arrangement, filters: [...state.arrangement.filters, filter].slice(-32) });
}
