/** The set with this in it, or without it when it was: what is folded, open or chosen. */
export function toggled<Item>(before: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  const after = new Set(before);
  if (!after.delete(item)) after.add(item);
  return after;
}
