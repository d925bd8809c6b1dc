/** The elements of the grid. Text goes in as text nodes only. */
import { cellLook } from './cell-text.ts';
import type { ColumnKind } from './cell-text.ts';

/** A column as the grid shows it; `index` is its place in the result. */
export interface GridColumn {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  readonly kind: ColumnKind;
  readonly isMasked: boolean;
  /** Stays in view while the others scroll sideways; pinned columns come first. */
  readonly isPinned: boolean;
  /** What a screen reader says of the header: "email, masked: email". */
  readonly label: string;
  readonly sort: 'ascending' | 'descending' | null;
}

export interface CellState {
  readonly isSelected: boolean;
  readonly isFound: boolean;
  readonly isFocused: boolean;
  /** Absent while its rows are on the way. */
  readonly value: string | null | undefined;
}

export function createCell(): HTMLDivElement {
  const element = document.createElement('div');
  element.className = 'result-grid-cell';
  element.setAttribute('role', 'gridcell');
  const inner = document.createElement('span');
  inner.append(document.createTextNode(''));
  element.append(inner);
  return element;
}

/** Makes an element show a cell. Only what differs is written: this runs for every visible cell of a frame. */
export function fillCell(element: HTMLDivElement, column: GridColumn, state: CellState): void {
  const shown = state.value === undefined ? { text: '', look: 'value' } : cellLook(state.value, column.kind);
  const text = element.firstChild?.firstChild;
  if (text instanceof Text && text.data !== shown.text) text.data = shown.text;
  const isQuiet = shown.look === 'quiet';
  const { dataset } = element;
  if (isQuiet !== (dataset['look'] === 'quiet')) dataset['look'] = shown.look;
  const align = column.kind === 'number' ? 'end' : 'start';
  if (dataset['align'] !== align) dataset['align'] = align;
  // NULL stays NULL under every mask, and says nothing to be hidden; it keeps the mark all the same.
  toggle(element, 'data-masked', column.isMasked);
  toggle(element, 'data-found', state.isFound);
  setAttribute(element, 'aria-selected', String(state.isSelected));
  setAttribute(element, 'aria-description', column.isMasked ? 'masked' : null);
  setAttribute(element, 'tabindex', state.isFocused ? '0' : null);
}

/** Leaves a cell empty until it is filled. */
export function clearCell(element: HTMLDivElement): void {
  const text = element.firstChild?.firstChild;
  if (text instanceof Text && text.data !== '') text.data = '';
}

export function createHeaderCell(): HTMLDivElement {
  const element = document.createElement('div');
  element.className = 'result-grid-cell';
  element.setAttribute('role', 'columnheader');
  return element;
}

export function fillHeaderCell(
  element: HTMLDivElement,
  column: GridColumn,
  state: { readonly isSelected: boolean; readonly isFocused: boolean },
): void {
  const name = document.createElement('span');
  name.textContent = column.isMasked ? `⊘ ${column.name}` : column.name;
  const type = document.createElement('span');
  type.className = 'result-grid-type';
  type.textContent = column.type;
  const edge = document.createElement('div');
  edge.className = 'result-grid-edge';
  const sort = column.sort === null ? [] : [document.createTextNode(column.sort === 'ascending' ? '↑' : '↓')];
  element.replaceChildren(name, type, ...sort, edge);
  element.setAttribute('aria-label', `${column.label}, ${column.type}${column.isPinned ? ', pinned' : ''}`);
  setAttribute(element, 'aria-sort', column.sort);
  toggle(element, 'data-masked', column.isMasked);
  setAttribute(element, 'aria-selected', String(state.isSelected));
  setAttribute(element, 'tabindex', state.isFocused ? '0' : null);
}

function setAttribute(element: Element, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

function toggle(element: Element, name: string, isOn: boolean): void {
  if (element.hasAttribute(name) !== isOn) element.toggleAttribute(name, isOn);
}
