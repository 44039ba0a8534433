import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DispatcherServer } from '../../src/mounting/dispatcher-server.js';
import { PlainClient } from '../support/plain-client.js';

/** The compiled one: what renders is a process of its own, and runs what was compiled. */
const COMPILED = new URL('../../dist/src/mounting/dispatcher-server.js', import.meta.url).href;

// The dispatcher as a module of another application, with etcd in it
describe('etcd in a dispatcher that is mounted', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'etcd-mounted-')));
  let server: DispatcherServer;
  let client: PlainClient;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    for (const name of ['root', 'plugins']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'plugins/a.conf.liquid'), 'a={{ 1 | plus: 1 }}\n');
    const { DispatcherServer: Server } = (await import(COMPILED)) as {
      DispatcherServer: typeof DispatcherServer;
    };
    const options = {
      stateDirectory: join(folder, 'state'),
      log: { write: () => undefined },
      configuration: {
        dispatcher: {
          'websocket-port': 0,
          'websocket-address': '127.0.0.1',
          frontend: false,
          'shipped-plugins': false,
        },
        etcd: {
          mode: 'embedded',
          root: join(folder, 'root'),
          'plugin-dirs': [join(folder, 'plugins')],
          'shipped-plugins': false,
          'render-user': 'nobody',
        },
      },
    };
    server = new Server(options, {
      bridged: [],
      construct: () => Promise.reject(new Error('nothing is made here')),
    });
    await server.start();
    client = await PlainClient.loggedIn(server.addresses[0] ?? '');
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('has made its files when the application is up, and answers', async () => {
    expect(readFileSync(join(folder, 'root/a.conf'), 'utf8')).toMatch(/\na=2\n$/);
    expect(await client.result('etcd.generation.generate_file', 'a.conf')).toMatchObject({
      files: [{ outcome: 'unchanged' }],
    });
    expect(await client.result('discovery.get_services')).toContain('etcd.file');
  });
});
