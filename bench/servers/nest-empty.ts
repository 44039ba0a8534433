/** Reference: the smallest Nest application that listens. */
import 'reflect-metadata';
import type { AddressInfo, Server } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

@Module({})
class EmptyModule {}

const app = await NestFactory.create(EmptyModule);
await app.listen(0, '127.0.0.1');
const server = app.getHttpServer() as Server;
console.log(`ready ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
