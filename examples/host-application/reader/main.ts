import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ReaderModule } from './reader.module.js';

const app = await NestFactory.create(ReaderModule, { logger: ['warn', 'error'] });
await app.listen(Number(process.env['PORT'] ?? 3_001), '127.0.0.1');
console.log(`ready at ${await app.getUrl()}`);

process.once('SIGTERM', () => void app.close());
process.once('SIGINT', () => void app.close());
