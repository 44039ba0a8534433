import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const PLUGIN = `
import { accepts, description, Dispatcher, Plugin, Provider, provider, returns } from 'dispatcher';

@provider('culprit')
export class CulpritProvider extends Provider {
  @description('Holds up everybody') @accepts(Number) @returns(null)
  block(ms: number) { this.spin(ms); return null; }
  @description('Holds up everybody, later') @accepts(Number) @returns(null)
  async blockLater(ms: number) { await new Promise(setImmediate); this.spin(ms); return null; }
  spin(ms: number) { for (const end = Date.now() + ms; Date.now() < end; ); }
  @description('Ends the server') @accepts() @returns(null)
  crash() { setImmediate(() => { throw new Error('stray'); }); return null; }
}

@Plugin({ providers: [CulpritProvider] })
export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() {
    this.dispatcher.registerDebugHook(() => ({
      'state.json': { pools: 2, password: 'hunter2' },
      '../../escape.txt': 'text',
    }));
    this.dispatcher.registerDebugHook(() => { throw new Error('no disk answers'); });
  }
}
`;

let directory: string;
let state: string;
let server: ServerProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-diagnostics-'));
  state = join(directory, 'state');
  await writeFile(join(directory, 'culprit.ts'), PLUGIN);
});
afterEach(() => server.stop());
afterAll(() => rm(directory, { recursive: true, force: true }));

async function start(): Promise<PlainClient> {
  server = await ServerProcess.start({
    stateDirectory: state,
    dispatcher: { 'plugin-dirs': [directory], 'shipped-plugins': false },
    datastore: { dsn: join(directory, 'secret-place.db') },
  });
  return PlainClient.loggedIn(server.url);
}

describe('a stall of the event loop', () => {
  it.each(['culprit.block', 'culprit.block_later'])(
    'is told with the plugin and the method that caused it: %s',
    async (method) => {
      const client = await start();
      client.send('events', 'subscribe', null, ['server.stalled']);
      await client.settled();
      await client.result(method, 2_500);
      const event = await client.find(({ namespace }) => namespace === 'events');
      const { args } = event.args as { args: Record<string, unknown> };
      expect(args).toMatchObject({ plugin: 'culprit', method: 'CulpritProvider.spin' });
      expect(args['location']).toMatch(/culprit\.ts:10$/);
      expect(args['duration']).toBeGreaterThan(1.5);
      const line = server.log.find((text) => text.includes('The event loop was held up')) ?? '{}';
      expect(JSON.parse(line)).toMatchObject({ level: 'warn', plugin: 'culprit' });
    },
  );

  it('is nobody’s when the machine gave the process no time', async () => {
    const client = await start();
    client.send('events', 'subscribe', null, ['server.stalled']);
    await client.settled();
    server.child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // what is tested is that time passes
    server.child.kill('SIGCONT');
    const event = await client.find(({ namespace }) => namespace === 'events');
    const { args } = event.args as { args: Record<string, unknown> };
    expect(args).toMatchObject({ plugin: null, method: null, location: null });
    expect(args['description']).toMatch(/the machine, which gave it no time/);
  });
});

describe('an error that nothing caught', () => {
  it('leaves a report that names the plugin, and of all reports the newest twenty', async () => {
    const folder = join(state, 'crash');
    for (let i = 0; i < 2; i += 1) {
      const client = await start();
      const exited = once(server.child, 'exit');
      void client.call('culprit.crash').catch(() => undefined);
      expect((await exited)[0]).toBe(1);
      if (i === 0) {
        const old = Array.from({ length: 25 }, (_, n) => `2020-01-01T00-00-${10 + n}.000Z-1.json`);
        await Promise.all(old.map((name) => writeFile(join(folder, name), '{}')));
      }
    }
    const names = readdirSync(folder).sort();
    expect(names).toHaveLength(20);
    const report = JSON.parse(readFileSync(join(folder, names.at(-1)!), 'utf8')) as object;
    expect(report).toMatchObject({
      version: expect.any(String) as string,
      plugin: 'culprit',
      location: expect.stringMatching(/culprit\.ts:\d+$/) as string,
      error: { name: 'Error', message: 'stray' },
    });
    expect(JSON.stringify(report)).toContain('Plugin initialized');
  });
});

describe('management.collect_debug', () => {
  it('gives an archive with what plugins add and without secrets, to an admin', async () => {
    const client = await start();
    const pieces = await client.result<{ $binary: string }[]>('management.collect_debug');
    const file = join(directory, 'debug.tgz');
    await writeFile(
      file,
      Buffer.concat(pieces.map(({ $binary }) => Buffer.from($binary, 'base64'))),
    );
    const names = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).trim().split('\n');
    expect(names).toEqual(
      expect.arrayContaining(
        ['server.json', 'configuration.json', 'plugins.json', 'log.ndjson', 'metrics.txt'].concat(
          'plugins/culprit/state.json',
          'plugins/culprit/error.txt',
        ),
      ),
    );
    expect(names.filter((name) => name.split('/').includes('..'))).toEqual([]);
    const all = execFileSync('tar', ['xzOf', file], { encoding: 'utf8' });
    expect(all).toContain('"pools": 2');
    expect(all).toContain('no disk answers');
    expect(all).not.toMatch(/hunter2|secret-place/);
  });
});
