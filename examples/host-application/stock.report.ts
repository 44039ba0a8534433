import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Dispatcher } from 'dispatcher';
import { DispatcherServer } from 'dispatcher/server';
import { InventoryService } from './inventory.service.js';

const EVERY_MS = Number(process.env['REPORT_MS'] ?? 60_000);

/** A job of the host's own scheduler, whose events clients of the dispatcher hear. */
@Injectable()
export class StockReport {
  constructor(
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(DispatcherServer) private readonly server: DispatcherServer,
  ) {}

  @Interval(EVERY_MS)
  report(): void {
    if (!this.server.isOpen) return; // the jobs end a little later than the dispatcher
    this.dispatcher.emitEvent('stock.report', { bolts: this.inventory.count('bolt') });
  }
}
