import { Injectable } from '@nestjs/common';
import { EventRouter } from '../../events/index.js';
import type { GatewaySocket, ConnectionHandler, TextEncoding } from '../transport/index.js';
import { Connection } from './connection.js';
import { FRAME_DIALECT } from './dialect.js';
import { dialectAt, isSpokenAt } from './dialects.js';
import { EventFrames } from './event-frames.js';
import { FrameDispatcher } from './frame-dispatcher.js';
import { JsonRpcDialect } from './jsonrpc/json-rpc-dialect.js';
import { JsonRpcDispatcher } from './jsonrpc/json-rpc-dispatcher.js';
import { SessionManager } from './session-manager.js';
import { SessionTimeouts } from './session-timeouts.js';

/**
 * What the hub is made with: passes each message to the dispatcher of its dialect, and tells of comings
 * and goings.
 */
@Injectable()
export class ProtocolHandler implements ConnectionHandler<Connection> {
  constructor(
    private readonly frames: FrameDispatcher,
    private readonly jsonRpc: JsonRpcDispatcher,
    private readonly eventFrames: EventFrames,
    private readonly sessions: SessionManager,
    private readonly timeouts: SessionTimeouts,
    private readonly events: EventRouter,
  ) {}

  speaks(path: string): boolean {
    return isSpokenAt(path);
  }

  connect(socket: GatewaySocket, path: string): Connection {
    return new Connection(socket, dialectAt(path));
  }

  onOpen({ peer: { address } }: Connection): void {
    this.events.publish('server.client_connected', {
      address,
      description: `Client ${address} connected`,
    });
  }

  onMessage(connection: Connection, text: string, encoding: TextEncoding): void {
    const { dialect } = connection;
    if (dialect === FRAME_DIALECT) this.frames.receive(connection, text, encoding);
    else if (dialect instanceof JsonRpcDialect)
      this.jsonRpc.receive(connection, dialect, [text, encoding]);
  }

  onClose(connection: Connection): void {
    const { events, eventFrames, sessions } = this;
    const { address } = connection.peer;
    connection.end();
    sessions.end(connection);
    eventFrames.forget(connection);
    events.publish('server.client_disconnected', {
      address,
      description: `Client ${address} disconnected`,
    });
  }

  onTick(connection: Connection, nowMs: number): void {
    this.timeouts.check(connection, nowMs);
  }

  onStalled({ peer: { address } }: Connection, frames: number): void {
    this.events.publish('server.client_stalled', {
      address,
      frames,
      description: `Client ${address} did not read and was disconnected`,
    });
  }
}
