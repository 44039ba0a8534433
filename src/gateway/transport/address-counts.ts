import { addressGroup } from '../../common/index.js';

/** How many of something each address has; the addresses of one IPv6 host count as one. */
export class AddressCounts {
  readonly #counts = new Map<string, number>();

  of(address: string): number {
    return this.#counts.get(addressGroup(address)) ?? 0;
  }

  add(address: string): void {
    this.#change(addressGroup(address), 1);
  }

  remove(address: string): void {
    this.#change(addressGroup(address), -1);
  }

  #change(group: string, step: 1 | -1): void {
    const count = (this.#counts.get(group) ?? 0) + step;
    if (count > 0) this.#counts.set(group, count);
    else this.#counts.delete(group);
  }
}
