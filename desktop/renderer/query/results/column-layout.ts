/** The columns of a result as a person has arranged them. */
export interface ColumnLayout {
  /** Indexes in the result, in the order that they are shown; hidden ones are not in it. */
  readonly order: readonly number[];
  /** How many of them, from the first, stay in view. */
  readonly pinned: number;
}

/** All columns as they came. */
export function layoutOf(columns: number): ColumnLayout {
  return { order: Array.from({ length: columns }, (_, index) => index), pinned: 0 };
}

/** The last column that is shown stays. */
export function hideColumn(layout: ColumnLayout, index: number): ColumnLayout {
  const at = layout.order.indexOf(index);
  if (at < 0 || layout.order.length === 1) return layout;
  return { order: layout.order.toSpliced(at, 1), pinned: layout.pinned - (at < layout.pinned ? 1 : 0) };
}

/** Puts a column behind those that are pinned; or, pinned already, before those that are not. */
export function pinColumn(layout: ColumnLayout, index: number): ColumnLayout {
  const at = layout.order.indexOf(index);
  if (at < 0) return layout;
  const isPinned = at < layout.pinned;
  const pinned = layout.pinned + (isPinned ? -1 : 1);
  const to = isPinned ? pinned : layout.pinned;
  return { order: layout.order.toSpliced(at, 1).toSpliced(to, 0, index), pinned };
}

/** Moves the column at a place one further, among the pinned ones or among the others. */
export function moveColumn(layout: ColumnLayout, column: number, by: -1 | 1): ColumnLayout {
  const moved = layout.order[column];
  if (moved === undefined || !mayMove(layout, column, by)) return layout;
  return { ...layout, order: layout.order.toSpliced(column, 1).toSpliced(column + by, 0, moved) };
}

function mayMove({ order, pinned }: ColumnLayout, column: number, by: -1 | 1): boolean {
  const to = column + by;
  return to >= 0 && to < order.length && column < pinned === to < pinned;
}
