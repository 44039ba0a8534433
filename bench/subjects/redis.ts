import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = 'redis-server';
const START_TIMEOUT_MS = 10_000;

/** A Redis of the bench's own, which has every command on disk before it answers. */
export class LocalRedis {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** Path of its socket. */
    readonly path: string,
  ) {}

  /** @throws (rejects with) Error that says why there is none */
  static async start(): Promise<LocalRedis> {
    if (!isInstalled() && !canInstall()) {
      throw new Error(`${PROGRAM} is not installed: apt install ${PROGRAM}`);
    }
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-bench-redis-'));
    const path = join(folder, 'redis.sock');
    const options = { port: '0', unixsocket: path, dir: folder, save: '' };
    const durable = { appendonly: 'yes', appendfsync: 'always' };
    const argv = Object.entries({ ...options, ...durable }).flatMap(([key, value]) => [
      `--${key}`,
      value,
    ]);
    const child = spawn(PROGRAM, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
    process.once('exit', () => child.kill('SIGKILL'));
    const redis = new LocalRedis(child, folder, path);
    try {
      await isReady(child);
      return redis;
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null && this.child.pid) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function isInstalled(): boolean {
  return spawnSync(PROGRAM, ['--version']).status === 0;
}

/** Where it may, the bench gets what it measures against. */
function canInstall(): boolean {
  if (process.getuid?.() !== 0) return false;
  console.error(`... apt-get install ${PROGRAM}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...argv: string[]): boolean =>
    spawnSync('apt-get', argv, { env, stdio: 'ignore' }).status === 0;
  return apt('update') && apt('install', '-y', '--no-install-recommends', PROGRAM) && isInstalled();
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${PROGRAM} is not ready after ${START_TIMEOUT_MS} ms`)),
      START_TIMEOUT_MS,
    );
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!/ready to accept connections/i.test(line)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`${PROGRAM} did not start`));
    });
  });
}
