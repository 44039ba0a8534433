import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** An everyday service of the host, which knows nothing of the dispatcher. */
@Injectable()
export class InventoryService implements OnModuleDestroy {
  readonly #stock = new Map([['bolt', 40]]);
  #isOpen = true;

  has(part: string): boolean {
    return this.#stock.has(part);
  }

  count(part: string): number {
    if (!this.#isOpen) throw new Error('The inventory is closed');
    return this.#stock.get(part) ?? 0;
  }

  add(part: string, pieces: number): number {
    const count = this.count(part) + pieces;
    this.#stock.set(part, count);
    return count;
  }

  onModuleDestroy(): void {
    this.#isOpen = false;
  }
}
