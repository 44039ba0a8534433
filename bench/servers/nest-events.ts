/** Reference: a gateway that broadcasts as Nest's documentation shows it, with its `ws` adapter and its validation pipe. */
import 'reflect-metadata';
import type { AddressInfo, Server } from 'node:net';
import { Module, UsePipes, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type WsResponse,
} from '@nestjs/websockets';
import { IsObject, IsString } from 'class-validator';
import type { WebSocket } from 'ws';
import { cursorOf } from './cursor.js';

class Publication {
  @IsString() name!: string;
  @IsObject() args!: Record<string, unknown>;
}

@WebSocketGateway()
@UsePipes(new ValidationPipe())
class EventGateway {
  private readonly subscribers = new Set<WebSocket>();
  private events = 0;

  @SubscribeMessage('subscribe')
  subscribe(@ConnectedSocket() client: WebSocket): WsResponse<string> {
    this.subscribers.add(client);
    return { event: 'subscribed', data: 'ok' };
  }

  @SubscribeMessage('publish')
  publish(@MessageBody() { name, args }: Publication): void {
    this.events += 1;
    const timestamped = { ...args, timestamp: { $date: new Date() } };
    const data = { name, args: timestamped, cursor: cursorOf(this.events) };
    const text = JSON.stringify({ event: 'event', data });
    for (const subscriber of this.subscribers) subscriber.send(text);
  }

  handleDisconnect(client: WebSocket): void {
    this.subscribers.delete(client);
  }
}

@Module({ providers: [EventGateway] })
class EventModule {}

const app = await NestFactory.create(EventModule);
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(0, '127.0.0.1');
const server = app.getHttpServer() as Server;
console.log(`ready ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
