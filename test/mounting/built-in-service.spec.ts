import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DispatcherServer } from '../../src/mounting/dispatcher-server.js';
import { PlainClient } from '../support/plain-client.js';

// The one list is the one place to change, and so the one that is changed here
vi.mock('../../src/services/built-in-services.js', async (original) => {
  const module = await original<{ BUILT_IN_SERVICES: readonly Type<object>[] }>();
  const { WeatherService } = await import('./weather.service.js');
  return { ...module, BUILT_IN_SERVICES: [...module.BUILT_IN_SERVICES, WeatherService] };
});

let directory: string;
let server: DispatcherServer;
let client: PlainClient;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-service-'));
  const configuration = {
    dispatcher: {
      'websocket-port': 0,
      'websocket-address': '127.0.0.1',
      frontend: false,
      'shipped-plugins': false,
    },
  };
  const log = { write: () => undefined };
  server = new DispatcherServer(
    { stateDirectory: directory, log, configuration },
    { bridged: [], construct: () => Promise.reject(new Error('nothing is made here')) },
  );
  await server.start();
  client = await PlainClient.loggedIn(server.addresses[0] ?? '');
});
afterEach(async () => {
  await client.close();
  await server.stop();
  await rm(directory, { recursive: true });
});

it('is a class in the list: Nest makes it, its decorators say what can be called', async () => {
  const call = (method: string, ...args: unknown[]) =>
    client.request('rpc', 'call', { method, args });
  expect(await call('weather.forecast', 'Ulm')).toMatchObject({ args: 'Sun in Ulm, as of now' });
  expect(await call('weather.forecast', 7)).toMatchObject({ name: 'error' });
  const { args: services } = await call('discovery.get_services');
  expect(services).toContain('weather');
});
