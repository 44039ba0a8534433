import type { EventRouter } from '../../events/index.js';
import type { ClientSocket, ConnectionHandler, TextEncoding } from '../transport/index.js';
import { Connection } from './connection.js';
import { FRAME_DIALECT } from './dialect.js';
import { dialectAt, isSpokenAt } from './dialects.js';
import type { EventFrames } from './event-frames.js';
import type { FrameDispatcher } from './frame-dispatcher.js';
import { JsonRpcDialect } from './jsonrpc/json-rpc-dialect.js';
import type { JsonRpcDispatcher } from './jsonrpc/json-rpc-dispatcher.js';
import type { SessionManager } from './session-manager.js';
import type { SessionTimeouts } from './session-timeouts.js';

export interface ProtocolHandlerDependencies {
  readonly frames: FrameDispatcher;
  readonly jsonRpc: JsonRpcDispatcher;
  readonly eventFrames: EventFrames;
  readonly sessions: SessionManager;
  readonly timeouts: SessionTimeouts;
  readonly events: EventRouter;
}

/**
 * What the hub is made with: passes each message to the dispatcher of its dialect, and tells of comings
 * and goings.
 */
export class ProtocolHandler implements ConnectionHandler<Connection> {
  constructor(private readonly dependencies: ProtocolHandlerDependencies) {}

  speaks(path: string): boolean {
    return isSpokenAt(path);
  }

  connect(socket: ClientSocket, path: string): Connection {
    return new Connection(socket, dialectAt(path));
  }

  onOpen({ peer: { address } }: Connection): void {
    this.dependencies.events.publish('server.client_connected', {
      address,
      description: `Client ${address} connected`,
    });
  }

  onMessage(connection: Connection, text: string, encoding: TextEncoding): void {
    const { dialect } = connection;
    const { frames, jsonRpc } = this.dependencies;
    if (dialect === FRAME_DIALECT) frames.receive(connection, text, encoding);
    else if (dialect instanceof JsonRpcDialect)
      jsonRpc.receive(connection, dialect, [text, encoding]);
  }

  onClose(connection: Connection): void {
    const { events, eventFrames, sessions } = this.dependencies;
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
    this.dependencies.timeouts.check(connection, nowMs);
  }

  onStalled({ peer: { address } }: Connection, frames: number): void {
    this.dependencies.events.publish('server.client_stalled', {
      address,
      frames,
      description: `Client ${address} did not read and was disconnected`,
    });
  }
}
