/**
 * What is known of whoever waits: the user has logged in from there before, or the address has not
 * failed lately, or neither.
 */
export type Standing = 'proven' | 'clean' | 'suspect';

export interface Waiting {
  readonly standing: Standing;
  /** Whose turn it is: all from there share one. */
  readonly source: string;
  readonly start: () => void;
  /** There is no room any more: somebody came who has less of it. */
  readonly evict: () => void;
}

/** Whose turn follows whose. Nobody waits for ever for those before: each has a turn in five. */
const TURNS: readonly Standing[] = ['proven', 'clean', 'proven', 'clean', 'suspect'];

/**
 * Who waits for a hash, so that nobody can fill the queue for others: each standing has a room of its
 * own, and within it the sources have their turns one after the other, however many wait for each.
 */
export class LoginQueue {
  readonly #rooms: Readonly<Record<Standing, Room>>;
  #turn = 0;

  constructor(capacity: number) {
    this.#rooms = {
      proven: new Room(capacity),
      clean: new Room(capacity),
      suspect: new Room(capacity),
    };
  }

  /** False when there is no room, and nobody who takes more of it than the source of this one. */
  add(waiting: Waiting): boolean {
    return this.#rooms[waiting.standing].add(waiting);
  }

  delete(waiting: Waiting): void {
    this.#rooms[waiting.standing].delete(waiting);
  }

  /** Takes out whose turn it is. */
  next(): Waiting | undefined {
    for (let step = 0; step < TURNS.length; step += 1) {
      const index = (this.#turn + step) % TURNS.length;
      const waiting = this.#rooms[TURNS[index] ?? 'clean'].next();
      if (waiting === undefined) continue;
      this.#turn = (index + 1) % TURNS.length;
      return waiting;
    }
    return undefined;
  }
}

class Room {
  /** By source, in the order of their turns. */
  readonly #sources = new Map<string, Set<Waiting>>();
  #size = 0;

  constructor(private readonly capacity: number) {}

  add(waiting: Waiting): boolean {
    const own = this.#sources.get(waiting.source);
    if (this.#size >= this.capacity && !this.#makeRoom(own?.size ?? 0)) return false;
    const queue = this.#sources.get(waiting.source) ?? new Set();
    this.#sources.set(waiting.source, queue.add(waiting));
    this.#size += 1;
    return true;
  }

  delete(waiting: Waiting): void {
    const queue = this.#sources.get(waiting.source);
    if (queue?.delete(waiting) !== true) return;
    this.#size -= 1;
    if (queue.size === 0) this.#sources.delete(waiting.source);
  }

  next(): Waiting | undefined {
    const [first] = this.#sources;
    if (first === undefined) return undefined;
    const [source, queue] = first;
    const [waiting] = queue;
    if (waiting === undefined) return undefined;
    this.delete(waiting);
    if (this.#sources.delete(source)) this.#sources.set(source, queue); // behind the others
    return waiting;
  }

  /** The last of the source that has most gives way to one that would still have less. */
  #makeRoom(ownCount: number): boolean {
    let most: Set<Waiting> = new Set();
    for (const queue of this.#sources.values()) if (queue.size > most.size) most = queue;
    const last = [...most].at(-1);
    if (last === undefined || most.size <= ownCount + 1) return false;
    this.delete(last);
    last.evict();
    return true;
  }
}
