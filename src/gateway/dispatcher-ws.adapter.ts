import type { INestApplicationContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocketHub } from './transport/index.js';

/**
 * Puts the hub where Nest expects a WebSocket server. Nest's own per-message path (an observable, a
 * pipe and an interceptor chain for every handler) is bypassed on purpose: it costs several times
 * what the whole dispatch of a call does, and validation and authorisation live in `rpc`. The hub has
 * its handler from its constructor.
 */
export class DispatcherWsAdapter extends WsAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly hub: Pick<WebSocketHub, 'terminateAll'>,
  ) {
    super(app);
  }

  override create(): typeof this.hub {
    return this.hub;
  }

  override bindErrorHandler(server: typeof this.hub): typeof this.hub {
    return server;
  }

  override bindClientConnect(): void {
    // see above
  }

  override bindMessageHandlers(): void {
    // see above: frames go to the frame dispatcher, once, without Nest's pipeline
  }

  override async close(server: typeof this.hub): Promise<void> {
    server.terminateAll();
    await Promise.resolve();
  }
}
