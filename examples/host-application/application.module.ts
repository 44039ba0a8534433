import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { DispatcherModule } from 'dispatcher/server';
import { INVENTORY, InventoryModule } from './inventory.module.js';
import { StockController } from './stock.controller.js';

@Module({
  imports: [
    InventoryModule,
    DispatcherModule.forRoot({
      configuration: {
        dispatcher: {
          'websocket-port': Number(process.env['DISPATCHER_PORT'] ?? 5_000),
          'websocket-address': '127.0.0.1',
          frontend: false,
          'shipped-plugins': false,
          'plugin-dirs': [fileURLToPath(new URL('./plugins', import.meta.url))],
        },
      },
      imports: [InventoryModule],
      bridge: [INVENTORY],
    }),
  ],
  controllers: [StockController],
})
export class ApplicationModule {}
