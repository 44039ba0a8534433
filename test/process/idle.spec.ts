import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/server-process.js';

const PROBE = fileURLToPath(new URL('./support/loaded.mjs', import.meta.url));

/** What a server that was started before, with the embedded store, must not load before somebody needs it. */
const UNUSED = {
  'the driver of MongoDB': /node_modules\/(?:mongoose|mongodb|bson)\/|drivers\/mongodb\//,
  'the compiler of plugins': /node_modules\/@swc\/(?!core\/package\.json$)/, // its version is asked for
  'the page of metrics': /node_modules\/prom-client\//,
  'what is known of the hardware': /node_modules\/systeminformation\//,
  'archives of plugins and for support': /node_modules\/tar\//,
  'tools and tests': /dist\/src\/(?:cli|client|codegen|mounting|plugin-tools|testing)\//,
};

describe('a server that nobody uses', () => {
  const directory = mkdtempSync(join(tmpdir(), 'dispatcher-idle-'));
  const list = join(directory, 'loaded');
  let loaded: readonly string[] = [];

  beforeAll(async () => {
    // the first start compiles the plugins, and keeps what came of it
    for (let start = 0; start < 2; start += 1) {
      writeFileSync(list, '');
      const server = await ServerProcess.start({
        stateDirectory: join(directory, 'state'),
        dispatcher: { frontend: true, 'frontend-port': 0 },
        nodeFlags: ['--import', PROBE],
        env: { LOADED_LIST: list },
      });
      await server.stop();
    }
    loaded = readFileSync(list, 'utf8').split('\n');
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('has loaded what it is made of', () => {
    expect(loaded).toContainEqual(expect.stringMatching(/@nestjs\/core\/index\.js$/));
    expect(loaded).toContainEqual(expect.stringMatching(/class-validator\/cjs\/index\.js$/));
    expect(loaded).toContainEqual(expect.stringMatching(/drivers\/sqlite\/sqlite\.driver\.js$/));
  });

  it.each(Object.entries(UNUSED))('has not loaded %s', (_, pattern) => {
    expect(loaded.filter((name) => pattern.test(name))).toEqual([]);
  });

  it('has started the thread that writes and the one that sees stalls, and none that reads', () => {
    expect(loaded.filter((name) => name === 'thread')).toHaveLength(2);
  });
});
