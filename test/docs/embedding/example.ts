import { Controller, Get, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import {
  DispatcherClient,
  DispatcherClientModule,
  DispatcherExceptionFilter,
  DispatcherHealthIndicator,
  DispatcherModule,
} from '../../../src/mounting/index.js';

export const SETTINGS = Symbol('settings');
interface Settings {
  readonly port: number;
  readonly state: string;
}
@Module({
  providers: [
    { provide: SETTINGS, useFactory: () => ({ port: 0, state: process.env['STATE'] ?? 'state' }) },
  ],
  exports: [SETTINGS],
})
class SettingsModule {}

// #region mounting
@Module({
  imports: [
    DispatcherModule.forRoot({
      configuration: {
        dispatcher: { 'websocket-port': 0, frontend: false, 'shipped-plugins': false },
      },
      stateDirectory: process.env['STATE'] ?? 'state',
      isGlobal: true,
    }),
  ],
})
export class ApplicationModule {}
// #endregion

// #region async
@Module({
  imports: [
    DispatcherModule.forRootAsync({
      inject: [SETTINGS],
      imports: [SettingsModule],
      useFactory: (settings: Settings) => ({
        configuration: {
          dispatcher: {
            'websocket-port': settings.port,
            frontend: false,
            'shipped-plugins': false,
          },
        },
        stateDirectory: settings.state,
      }),
    }),
  ],
})
export class ConfiguredModule {}
// #endregion

// #region controller
@Controller()
export class PingController {
  constructor(
    private readonly dispatcher: DispatcherClient,
    private readonly health: DispatcherHealthIndicator,
  ) {}

  @Get('ping')
  ping(): Promise<unknown> {
    return this.dispatcher.call('management.ping');
  }

  @Get('health')
  isHealthy(): unknown {
    return this.health.isHealthy('dispatcher');
  }
}
// #endregion

// #region client
@Module({
  imports: [
    DispatcherClientModule.forRoot({
      url: process.env['DISPATCHER_URL'] ?? 'ws://127.0.0.1:5000/socket',
      login: { kind: 'local', username: 'root' },
    }),
  ],
  controllers: [PingController],
  providers: [
    DispatcherHealthIndicator,
    { provide: APP_FILTER, useClass: DispatcherExceptionFilter },
  ],
})
export class ClientModule {}
// #endregion
