import { Controller, Get, Inject, Module, Param } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import {
  DispatcherClient,
  DispatcherClientModule,
  DispatcherExceptionFilter,
  DispatcherHealthIndicator,
} from 'dispatcher/server';

@Controller()
class ReaderController {
  constructor(
    @Inject(DispatcherClient) private readonly dispatcher: DispatcherClient,
    @Inject(DispatcherHealthIndicator) private readonly health: DispatcherHealthIndicator,
  ) {}

  @Get('parts/:part')
  async count(@Param('part') part: string): Promise<{ count: number }> {
    return { count: await this.dispatcher.call<number>('stock.count', [part]) };
  }

  @Get('health')
  isHealthy(): unknown {
    return this.health.isHealthy('dispatcher');
  }
}

/** Another service, which asks the dispatcher of the first over the network. */
@Module({
  imports: [
    DispatcherClientModule.forRoot({
      url: process.env['DISPATCHER_URL'] ?? 'ws://127.0.0.1:5000/socket',
      login: { kind: 'password', username: 'root', password: process.env['PASSWORD'] ?? '' },
    }),
  ],
  controllers: [ReaderController],
  providers: [
    DispatcherHealthIndicator,
    { provide: APP_FILTER, useClass: DispatcherExceptionFilter },
  ],
})
export class ReaderModule {}
