import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { PATHS } from '../paths.js';
import { readyAddress } from './ready-line.js';

/** How to run one server process. */
export interface Launch {
  readonly entry: string;
  readonly argv?: readonly string[];
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Loads the probe into the process, which answers `memory()`. */
  readonly probe?: 'memory';
}

/** Bytes after a full garbage collection. */
export interface MemoryUse {
  /** JavaScript objects and the native memory they own. */
  readonly live: number;
  readonly resident: number;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const KEPT_LINES = 12;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server in a process of its own, started and known to be ready. */
export class ChildServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
    readonly address: URL,
    /** From the spawn to the ready line. */
    readonly startMs: number,
  ) {}

  /** Resolves at the ready line; rejects with the process's last words when it ends or stays silent. */
  static async start(launch: Launch): Promise<ChildServer> {
    const before = performance.now();
    const child = spawnServer(launch);
    try {
      const address = await addressOf(child);
      return new ChildServer(child, child.pid ?? 0, address, performance.now() - before);
    } catch (error) {
      await end(child);
      throw new Error(`${launch.entry} did not start: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Collects the garbage of the process and asks for its memory; only with the probe. */
  async memory(): Promise<MemoryUse> {
    this.child.send('memory');
    const [answer] = (await once(this.child, 'message')) as [MemoryUse];
    return answer;
  }

  /** Asks the process to end, and after a grace time makes it end. */
  stop(): Promise<void> {
    return end(this.child);
  }
}

function spawnServer(launch: Launch): ChildProcess {
  const probe = ['--expose-gc', '--import', `file://${PATHS.server('memory-probe')}`];
  const argv = [
    ...(launch.probe === undefined ? [] : probe),
    ...(launch.execArgv ?? []),
    launch.entry,
    ...(launch.argv ?? []),
  ];
  const child = spawn(process.execPath, argv, {
    env: {
      ...process.env,
      ...launch.env,
      NODE_ENV: 'production',
      BENCH_PROBED_ENTRY: launch.entry,
    },
    stdio:
      launch.probe === undefined ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Reads both streams for as long as the process lives: a full pipe would stop the server. */
function addressOf(child: ChildProcess): Promise<URL> {
  const lastWords: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error([what, ...lastWords].join('\n  ')));
    };
    const timer = setTimeout(
      () => fail(`no ready line in ${START_TIMEOUT_MS} ms`),
      START_TIMEOUT_MS,
    );
    const follow = (stream: Readable | null, onLine: (line: string) => void): void => {
      if (stream === null) return;
      createInterface({ input: stream }).on('line', (line) => {
        lastWords.push(line);
        if (lastWords.length > KEPT_LINES) lastWords.shift();
        onLine(line);
      });
    };
    // A log on stderr may name addresses long before the server is ready.
    follow(child.stderr, () => undefined);
    follow(child.stdout, (line) => {
      const address = readyAddress(line);
      if (address === null) return;
      clearTimeout(timer);
      resolve(address);
    });
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) => fail(`ended with ${signal ?? String(code)}`));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
