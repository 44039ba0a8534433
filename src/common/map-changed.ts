import { setField } from './set-field.js';

/**
 * What becomes of an item. It is told how deep the item lies, for a closure that knew it would have to
 * be made for each object of each answer.
 */
export type Change = (item: unknown, depth: number) => unknown;

/** The items as `change` makes them; the very same array when it changes none: most values are as they should be. */
export function mapItems(items: readonly unknown[], change: Change, depth = 0): readonly unknown[] {
  let changed: unknown[] | null = null;
  for (let i = 0; i < items.length; i += 1) {
    const after = change(items[i], depth);
    if (Object.is(after, items[i])) continue;
    changed ??= [...items];
    changed[i] = after;
  }
  return changed ?? items;
}

/** As {@link mapItems}, for the fields of an object of data. */
export function mapFields(
  fields: Record<string, unknown>,
  change: Change,
  depth = 0,
): Record<string, unknown> {
  let changed = fields;
  for (const key of Object.keys(fields)) {
    const item = fields[key];
    const after = change(item, depth);
    if (Object.is(after, item)) continue;
    if (changed === fields) changed = { ...fields };
    setField(changed, key, after);
  }
  return changed;
}
