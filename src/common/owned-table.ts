import { Errno } from './errno.js';
import { RpcException } from './errors.js';

interface Owned<T> {
  readonly owner: string;
  readonly value: T;
}

/**
 * Named things that belong to whoever registered them: event types, event sources, task handlers.
 *
 * @example
 * const types = new OwnedTable<EventType>('Event type');
 * types.add('user.changed', { owner: 'user', value });
 */
export class OwnedTable<T> {
  readonly #entries = new Map<string, Owned<T>>();

  constructor(private readonly what: string) {}

  /** @throws RpcException EEXIST naming the present owner */
  add(name: string, entry: Owned<T>): void {
    const present = this.#entries.get(name);
    if (present !== undefined) {
      throw new RpcException(
        Errno.EEXIST,
        `${this.what} ${name} is already registered by ${present.owner}`,
      );
    }
    this.#entries.set(name, entry);
  }

  /**
   * Puts another value under a name that its owner has already.
   *
   * @throws RpcException ENOENT when `owner` has nothing of that name
   */
  replace(name: string, { owner, value }: Owned<T>): void {
    this.#assertOwned(name, owner);
    this.#entries.set(name, { owner, value });
  }

  /** @throws RpcException ENOENT when `owner` has nothing of that name */
  remove(name: string, owner: string): T {
    const { value } = this.#assertOwned(name, owner);
    this.#entries.delete(name);
    return value;
  }

  get(name: string): T | undefined {
    return this.#entries.get(name)?.value;
  }

  /** In the order of names. */
  entries(): [string, T][] {
    const pairs = [...this.#entries].map(([name, { value }]): [string, T] => [name, value]);
    return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** What one owner has, in the order of names. */
  entriesOf(owner: string): [string, T][] {
    return this.entries().filter(([name]) => this.#entries.get(name)?.owner === owner);
  }

  #assertOwned(name: string, owner: string): Owned<T> {
    const present = this.#entries.get(name);
    if (present?.owner === owner) return present;
    throw new RpcException(Errno.ENOENT, `${this.what} ${name} is not registered by ${owner}`);
  }
}
