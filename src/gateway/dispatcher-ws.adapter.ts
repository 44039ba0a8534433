import type { INestApplicationContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketHub, type HubOptions } from './websocket-hub.js';

/**
 * Puts the hub where Nest expects a WebSocket server. Nest's own per-message path (an observable, a
 * pipe and an interceptor chain for every handler) is bypassed on purpose: it costs several times
 * what the whole dispatch of a call does, and validation and authorisation live in `rpc`. The
 * gateway gets the hub in `afterInit` and listens to it directly.
 */
export class DispatcherWsAdapter extends WsAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly hubOptions: HubOptions,
  ) {
    super(app);
  }

  override create(): WebSocketHub {
    return new WebSocketHub(this.hubOptions);
  }

  override bindErrorHandler(server: WebSocketHub): WebSocketHub {
    return server;
  }

  override bindClientConnect(): void {
    // the gateway subscribes to the hub's own events
  }

  override bindMessageHandlers(): void {
    // see above: frames go to the frame dispatcher, once, without Nest's pipeline
  }

  override async close(server: WebSocketHub): Promise<void> {
    server.terminateAll();
    await Promise.resolve();
  }
}
