import { Inject } from '@nestjs/common';
import {
  accepts,
  description,
  Errno,
  Plugin,
  Provider,
  provider,
  returns,
  RpcException,
} from 'dispatcher';
import type { InventoryService } from '../inventory.service.js';

@description('What the host has in stock')
@provider('stock')
export class StockProvider extends Provider {
  constructor(@Inject('inventory') private readonly inventory: InventoryService) {
    super();
  }

  @description('Pieces of a part that are there')
  @accepts(String)
  @returns(Number)
  count(part: string): number {
    if (!this.inventory.has(part)) throw new RpcException(Errno.ENOENT, `There is no part ${part}`);
    return this.inventory.count(part);
  }
}

@Plugin({ providers: [StockProvider] })
export default class StockPlugin {
  constructor(@Inject('inventory') private readonly inventory: InventoryService) {}

  /** The host's service still works: the dispatcher ends before what it was lent. */
  cleanup(): void {
    console.log(`the plugin leaves ${this.inventory.count('bolt')} bolts`);
  }
}
