import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { DispatcherModule } from 'dispatcher/server';
import { INVENTORY, InventoryModule } from './inventory.module.js';
import { Ports, PortsModule } from './ports.module.js';
import { StockController } from './stock.controller.js';
import { StockReport } from './stock.report.js';
import { TokenGuard } from './token.guard.js';

@Module({
  imports: [
    ScheduleModule.forRoot(),
    InventoryModule,
    PortsModule,
    DispatcherModule.forRootAsync({
      imports: [InventoryModule, PortsModule],
      bridge: [INVENTORY],
      inject: [Ports],
      useFactory: (ports: Ports) => ({
        configuration: {
          dispatcher: {
            'websocket-port': ports.dispatcher,
            'websocket-address': '127.0.0.1',
            frontend: false,
            'shipped-plugins': false,
            'plugin-dirs': [fileURLToPath(new URL('./plugins', import.meta.url))],
          },
        },
        stateDirectory: process.env['STATE_DIRECTORY'] ?? 'state',
      }),
    }),
  ],
  controllers: [StockController],
  providers: [StockReport, { provide: APP_GUARD, useClass: TokenGuard }],
})
export class ApplicationModule {}
