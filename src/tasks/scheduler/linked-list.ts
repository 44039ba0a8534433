/** What a {@link LinkedList} keeps: an item is in one list at a time and carries its own links. */
export interface Linked<T> {
  previous: T | null;
  next: T | null;
  /** Its place among the others, where a list is kept in order. */
  readonly order: number;
}

/**
 * A doubly linked list. Adding the latest, removing any one and looking at the first take constant
 * time (a Map's first key does not: it walks over the holes of what was removed before).
 */
export class LinkedList<T extends Linked<T>> {
  first: T | null = null;
  last: T | null = null;

  push(item: T): void {
    this.#insertAfter(this.last, item);
  }

  /** Behind everything of the same or a lower order, looked for from the end. */
  insertInOrder(item: T): void {
    let before = this.last;
    while (before !== null && before.order > item.order) before = before.previous;
    this.#insertAfter(before, item);
  }

  remove(item: T): void {
    const { previous, next } = item;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    item.previous = null;
    item.next = null;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let item = this.first; item !== null; item = item.next) yield item;
  }

  #insertAfter(before: T | null, item: T): void {
    const after = before === null ? this.first : before.next;
    item.previous = before;
    item.next = after;
    if (before === null) this.first = item;
    else before.next = item;
    if (after === null) this.last = item;
    else after.previous = item;
  }
}
