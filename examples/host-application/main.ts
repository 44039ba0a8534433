import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { DispatcherServer } from 'dispatcher/server';
import { ApplicationModule } from './application.module.js';
import { Ports } from './ports.module.js';

const app = await NestFactory.create(ApplicationModule, { logger: ['warn', 'error'] });
await app.listen(app.get(Ports, { strict: false }).http, '127.0.0.1');
const addresses = [await app.getUrl(), ...app.get(DispatcherServer, { strict: false }).addresses];
console.log(`ready at ${addresses.join(' and ')}`);

// closing is enough: nothing is left then that keeps the process alive
process.once('SIGTERM', () => void app.close());
process.once('SIGINT', () => void app.close());
