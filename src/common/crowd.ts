/**
 * A set for objects that come and go by the thousand, such as sockets.
 *
 * Why not a Set: it moves to another table every few changes, and each old table points to its
 * successor. After a full collection one of them stays in the old generation of the heap, soon dead,
 * and keeps all later ones until the next full collection, with all that ever was in them: no minor
 * collection frees a socket any more. That is a tenth of what a client costs that comes and goes.
 *
 * To be made once and kept: its members carry its key, and V8 would have to know one more kind of
 * socket for each crowd that there ever was.
 *
 * @example
 * const sockets = new Crowd<Socket>();
 * sockets.add(socket);
 * for (const each of sockets) each.destroy();
 */
export class Crowd<T extends object> implements Iterable<T> {
  readonly #members: T[] = [];
  /** Under which a member carries its place; a crowd's own, since a member may be in several. */
  readonly #key = Symbol('place in a crowd');

  get size(): number {
    return this.#members.length;
  }

  has(item: T): boolean {
    return this.#placeOf(item) !== undefined;
  }

  /** Nothing happens when it is in already. */
  add(item: T): void {
    if (!this.has(item)) this.#put(item, this.#members.length);
  }

  /** False when it was not in. */
  delete(item: T): boolean {
    const place = this.#placeOf(item);
    if (place === undefined) return false;
    const last = this.#members.pop();
    if (last !== undefined && last !== item) this.#put(last, place);
    (item as Places)[this.#key] = undefined;
    return true;
  }

  /** Those that are in now, in no order, whoever comes or goes meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#members].values();
  }

  #put(item: T, place: number): void {
    this.#members[place] = item;
    (item as Places)[this.#key] = place;
  }

  #placeOf(item: T): number | undefined {
    return (item as Places)[this.#key];
  }
}

/** A crowd to look at. */
export type ReadonlyCrowd<T extends object> = Pick<
  Crowd<T>,
  'size' | 'has' | typeof Symbol.iterator
>;

type Places = Record<symbol, number | undefined>;
