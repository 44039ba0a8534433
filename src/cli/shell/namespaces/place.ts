import type { Namespace } from './namespace.js';

/** Where in the tree somebody stands: at a namespace, or at one row of its entity. */
export interface Place {
  readonly namespace: Namespace;
  /** The key of the row; null at the namespace itself. */
  readonly item: string | null;
}

export const topOf = (root: Namespace): Place => ({ namespace: root, item: null });

/** The words of a place, the key of the row last. */
export const wordsOf = ({ namespace, item }: Place): readonly string[] =>
  item === null ? namespace.path : [...namespace.path, item];

/** `/probe/item/n1` */
export const pathText = (place: Place): string => `/${wordsOf(place).join('/')}`;

/** One up; the top stays the top. */
export function parentOf(root: Namespace, { namespace, item }: Place): Place {
  if (item !== null) return { namespace, item: null };
  return nearestPlace(root, namespace.path.slice(0, -1)).place;
}

/**
 * The place of these words as far as there is one: where a namespace has gone, its nearest ancestor.
 * Whether a row is there only the server knows.
 */
export function nearestPlace(
  root: Namespace,
  words: readonly string[],
): { readonly place: Place; readonly isWhole: boolean } {
  let namespace = root;
  for (const [at, word] of words.entries()) {
    const child = namespace.children.get(word);
    if (child !== undefined) {
      namespace = child;
      continue;
    }
    const isRow = namespace.entity !== null && at === words.length - 1;
    return { place: { namespace, item: isRow ? word : null }, isWhole: isRow };
  }
  return { place: { namespace, item: null }, isWhole: true };
}
