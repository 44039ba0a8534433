import { FailureWindow } from './failure-window.js';
import { RecentTable } from './recent-table.js';

/** More users than log in by password; each has a few addresses, and one who has many pushes out only his own. */
const MAX_USERS = 10_000;
const MAX_ADDRESSES = 32;

/** From where users have logged in with the right password since the server started, and how they failed there. */
export class ProvenPairs {
  readonly #users = new RecentTable<RecentTable<FailureWindow>>(MAX_USERS);

  constructor(private readonly failuresPerMinute: number) {}

  /** The failures of this user from this address; undefined when the pair is not proven. */
  find(username: string, address: string): FailureWindow | undefined {
    return this.#users.get(username)?.get(address);
  }

  add(username: string, address: string): FailureWindow {
    const addresses = this.#users.getOrAdd(username, () => new RecentTable(MAX_ADDRESSES));
    return addresses.getOrAdd(address, () => new FailureWindow(this.failuresPerMinute));
  }
}
