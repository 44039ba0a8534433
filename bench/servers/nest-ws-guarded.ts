/** Reference: a gateway as Nest's documentation shows it, with its validation pipe and a guard that looks at the client. */
import 'reflect-metadata';
import type { AddressInfo, Server } from 'node:net';
import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  Module,
  UseGuards,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type WsResponse,
} from '@nestjs/websockets';
import { User } from './user.js';

@Injectable()
class Connected implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToWs().getClient<{ readonly readyState: number }>().readyState === 1;
  }
}

@WebSocketGateway()
@UsePipes(new ValidationPipe())
class EchoGateway {
  @UseGuards(Connected)
  @SubscribeMessage('echo')
  echo(@MessageBody() user: User): WsResponse<User> {
    return { event: 'echo', data: user };
  }
}

@Module({ providers: [EchoGateway] })
class EchoModule {}

const app = await NestFactory.create(EchoModule);
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(0, '127.0.0.1');
const server = app.getHttpServer() as Server;
console.log(`ready ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
