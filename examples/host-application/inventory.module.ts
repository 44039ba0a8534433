import { Module } from '@nestjs/common';
import { InventoryService } from './inventory.service.js';

/** What plugins have it injected by: text, because a plugin's code is loaded apart from the host's. */
export const INVENTORY = 'inventory';

@Module({
  providers: [InventoryService, { provide: INVENTORY, useExisting: InventoryService }],
  exports: [InventoryService, INVENTORY],
})
export class InventoryModule {}
