import { addressGroup } from '../../common/index.js';

/** How many of something each address has; the addresses of one IPv6 host count as one. */
export class AddressCounts {
  readonly #counts = new Map<string, number>();

  of(address: string): number {
    return this.#counts.get(addressGroup(address)) ?? 0;
  }

  add(address: string): void {
    this.#counts.set(addressGroup(address), this.of(address) + 1);
  }

  remove(address: string): void {
    const left = this.of(address) - 1;
    if (left > 0) this.#counts.set(addressGroup(address), left);
    else this.#counts.delete(addressGroup(address));
  }
}
