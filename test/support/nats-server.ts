import { spawn, type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';

const PROGRAM = 'nats-server';

/** Why tests that need NATS cannot run here; null when they can. They must where `NATS_REQUIRED` is set. */
export const natsObstacle: string | null = (() => {
  if (process.env['NATS_REQUIRED'] === '1') return null;
  const { error } = spawnSync(PROGRAM, ['-v']);
  return error === undefined ? null : 'needs the program nats-server (Debian package nats-server)';
})();

export interface NatsServerOptions {
  /** More lines of its configuration. */
  readonly configuration?: string;
  /** Without JetStream, what a node needs is missing. */
  readonly hasJetStream?: boolean;
}

/** A NATS server of a test's own, with JetStream and a store in a folder of its own. */
export class NatsServer {
  #process: ChildProcess | null = null;
  readonly #folder = mkdtempSync(join(tmpdir(), 'dispatcher-nats-'));

  private constructor(
    readonly port: number,
    private readonly options: NatsServerOptions,
    private readonly file: string | null = null,
  ) {}

  /** One that goes by a file that somebody else wrote, which says where its store is. */
  static async startFrom(file: string): Promise<NatsServer> {
    const [, port = ''] = /^listen: ".*:(\d+)"/m.exec(readFileSync(file, 'utf8')) ?? [];
    const server = new NatsServer(Number(port), {}, file);
    await server.resume();
    return server;
  }

  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(await freePort(), options);
    await server.resume();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Where its streams lie, for tests that copy and put back. */
  get storeFolder(): string {
    return join(this.#folder, 'store');
  }

  /** Has it read other lines of configuration while it runs. */
  reconfigure(configuration: string): void {
    this.#configure({ ...this.options, configuration });
    process.kill(this.pid, 'SIGHUP');
  }

  #configure({ configuration = '', hasJetStream = true }: NatsServerOptions): string {
    const file = join(this.#folder, 'nats.conf');
    const store = hasJetStream ? `jetstream { store_dir: "${this.storeFolder}" }\n` : '';
    writeFileSync(file, `listen: "127.0.0.1:${this.port}"\n${store}${configuration}\n`);
    return file;
  }

  /** Starts it again, at the same port, on what it has stored. */
  async resume(): Promise<void> {
    const file = this.file ?? this.#configure(this.options);
    const child = spawn(PROGRAM, ['-c', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
    while (!log.includes('Server is ready')) {
      if (child.exitCode !== null) throw new Error(`nats-server ended: ${log}`);
      await delay(10);
    }
  }

  /** Ends it; its store stays. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    this.#process = null;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
