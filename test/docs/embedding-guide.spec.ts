import { NestFactory } from '@nestjs/core';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

let state: string;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'dispatcher-embedding-'));
  vi.stubEnv('STATE', state);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(state, { recursive: true });
});

const read = (path: string): Promise<string> => readFile(join(import.meta.dirname, path), 'utf8');
const named = (text: string, pattern: RegExp): Record<string, string> =>
  Object.fromEntries([...text.matchAll(pattern)].map(([, name, body]) => [name!, body!]));

describe('the page on embedding', () => {
  it('quotes its example word for word', async () => {
    const page = named(await read('../../docs/embedding.md'), /^```ts (\w+)\n([^]*?)^```$/gm);
    const example = await read('embedding/example.ts');
    expect(page).toEqual(named(example, /^\/\/ #region (\w+)\n([^]*?)^\/\/ #endregion$/gm));
  });

  it.each(['ApplicationModule', 'ConfiguredModule'] as const)(
    'has a dispatcher inside that a client finds: %s',
    async (name) => {
      vi.resetModules();
      const { DispatcherServer } = await import('../../src/mounting/index.js');
      const modules = await import('./embedding/example.js');
      const host = await NestFactory.createApplicationContext(modules[name], { logger: false });
      const [url = ''] = host.get(DispatcherServer, { strict: false }).addresses;
      vi.stubEnv('DISPATCHER_URL', url);
      vi.resetModules(); // the address is read when the module is evaluated
      const { ClientModule } = await import('./embedding/example.js');
      const app = await NestFactory.create(ClientModule, { logger: false, abortOnError: false });
      await app.listen(0, '127.0.0.1');
      const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
      const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
      expect(await get('ping')).toBe('pong');
      expect(JSON.parse(await get('health'))).toEqual({ dispatcher: { status: 'up' } });
      await app.close();
      await host.close();
    },
  );
});
