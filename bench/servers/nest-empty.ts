/** Reference: the smallest Nest application that listens for HTTP and WebSocket. */
import 'reflect-metadata';
import type { AddressInfo, Server } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';

@WebSocketGateway()
class EmptyGateway {}

@Module({ providers: [EmptyGateway] })
class EmptyModule {}

const app = await NestFactory.create(EmptyModule);
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(0, '127.0.0.1');
const server = app.getHttpServer() as Server;
console.log(`ready ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
