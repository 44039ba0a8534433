import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rpcEvents } from '../load/bench-event.js';
import { dispatcherDialect } from '../load/dialects.js';
import type { BenchOptions } from '../options.js';
import { PATHS } from '../paths.js';
import { ChildServer } from './child-server.js';
import type { EventSubject } from './subject.js';

export interface DispatcherOptions {
  /** The compiled `main.js` of the build to measure. */
  readonly entry: string;
  /** Keys of the `dispatcher` section that differ from the bench's own. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The product as users run it: its own entry file, a configuration file, a state folder on disk. */
export function dispatcher({ entry, config }: DispatcherOptions): EventSubject {
  const home = mkdtempSync(join(tmpdir(), 'dispatcher-bench-'));
  process.on('exit', () => rmSync(home, { recursive: true, force: true }));
  const configFile = join(home, 'middleware.conf');
  writeFileSync(configFile, JSON.stringify({ dispatcher: { ...BENCH_CONFIG, ...config } }));
  return {
    name: 'dispatcher',
    dialect: dispatcherDialect,
    events: rpcEvents,
    start: (options = {}) =>
      ChildServer.start({
        entry,
        argv: ['-c', configFile],
        env: { STATE_DIRECTORY: home },
        ...options,
      }),
  };
}

/** As it is installed: its own plugins and nothing configured but where it listens. */
export function shipped({ server }: Pick<BenchOptions, 'server'>): EventSubject {
  return dispatcher({
    entry: server,
    config: { frontend: true, 'frontend-port': 0, 'plugin-dirs': [] },
  });
}

const BENCH_CONFIG = {
  'websocket-port': 0,
  'websocket-address': '127.0.0.1',
  frontend: false,
  'plugin-dirs': [PATHS.plugins],
} as const;
