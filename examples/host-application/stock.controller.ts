import { Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { Dispatcher } from 'dispatcher';
import { InventoryService } from './inventory.service.js';

/** The host's own HTTP interface, beside the dispatcher's WebSockets. */
@Controller('stock')
export class StockController {
  constructor(
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
  ) {}

  @Get(':part')
  count(@Param('part') part: string): { count: number } {
    return { count: this.inventory.count(part) };
  }

  /** Clients of the dispatcher that subscribed to `stock.changed` hear of it. */
  @Post(':part')
  add(@Param('part') part: string): { count: number } {
    const count = this.inventory.add(part, 1);
    this.dispatcher.emitEvent('stock.changed', { part, count });
    return { count };
  }
}
