import { Inject, Injectable, Optional } from '@nestjs/common';
import { DispatcherClient } from '../client/index.js';
import { DispatcherServer } from './dispatcher-server.js';

/** What terminus wants of an indicator: the key, and under it how things are. */
export type HealthResult = Readonly<
  Record<string, { readonly status: 'up' | 'down' } & Readonly<Record<string, unknown>>>
>;

/**
 * Tells `@nestjs/terminus` how the dispatcher is that this application mounts, or is a client of. It
 * answers in the shape of terminus 12 and needs nothing of that package.
 *
 * @example
 * @Get('health') @HealthCheck()
 * check() { return this.health.check([() => this.dispatcher.isHealthy('dispatcher')]); }
 */
@Injectable()
export class DispatcherHealthIndicator {
  constructor(
    @Optional() @Inject(DispatcherServer) private readonly server?: DispatcherServer,
    @Optional() @Inject(DispatcherClient) private readonly client?: DispatcherClient,
  ) {}

  /** Never rejects. */
  isHealthy(key = 'dispatcher'): HealthResult {
    const message = this.#trouble();
    return { [key]: message === null ? { status: 'up' } : { status: 'down', message } };
  }

  #trouble(): string | null {
    if (this.server !== undefined)
      return this.server.isRunning ? null : 'The dispatcher does not run';
    if (this.client === undefined)
      return 'There is neither a DispatcherModule nor a client module here';
    const { state } = this.client;
    return state.kind === 'authenticated' ? null : `The connection is ${state.kind}`;
  }
}
