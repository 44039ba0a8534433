import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DispatcherClient } from '../../src/client/index.js';
import { nodeSocket } from '../../src/client/node/index.js';

const READABLE = 0o755;
const START_MS = 120_000;
const CALL_MS = 600_000;

/** Templates by name, with the settings that they print. */
export interface EtcdFiles {
  readonly count: number;
  /** The setting that the file `following` prints. */
  readonly follows: string;
}

export interface EtcdPlaces {
  /** The compiled `main.js` of the dispatcher; etcd lies beside it. */
  readonly entry: string;
  readonly url: string;
}

/** dispatcher-etcd as its unit starts it, on a root and with plugins of its own, and a service that calls it. */
export class EtcdProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly client: DispatcherClient,
  ) {}

  /** Resolves when all files have been made once. @throws Error with the last words of the process */
  static async start({ entry, url }: EtcdPlaces, files: EtcdFiles): Promise<EtcdProcess> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'etcd-bench-')));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, READABLE); // those who render have to come in
    for (const name of ['root', 'plugins']) mkdirSync(join(folder, name));
    writeFiles(join(folder, 'plugins'), files);
    const section = {
      root: join(folder, 'root'),
      'plugin-dirs': [join(folder, 'plugins')],
      'shipped-plugins': false,
      'render-user': 'nobody',
      url,
      limits: { files: files.count + 1 },
    };
    const config = join(folder, 'middleware.conf');
    writeFileSync(config, JSON.stringify({ etcd: section }));
    const program = join(dirname(entry), 'etcd/process/main.js');
    const child = spawn(process.execPath, [program, '-c', config], {
      env: { PATH: process.env['PATH'], STATE_DIRECTORY: join(folder, 'state') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await ready(child);
    const client = new DispatcherClient({
      url,
      webSocket: nodeSocket(),
      credentials: () => ({ kind: 'service', name: 'bench' }),
      callTimeoutMs: CALL_MS,
    });
    await client.connect();
    const etcd = new EtcdProcess(child, folder, client);
    await etcd.generateAll();
    return etcd;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  path(name: string): string {
    return join(this.folder, 'root', name);
  }

  /** @throws Error unless every file is as it should be afterwards */
  async generateAll(): Promise<ReadonlyMap<string, number>> {
    const { files } = await this.client.call<{ files: readonly { outcome: string }[] }>(
      'etcd.generation.generate_all',
    );
    const counts = new Map<string, number>();
    for (const { outcome } of files) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (counts.has('failed')) throw new Error(`Files failed: ${JSON.stringify([...counts])}`);
    return counts;
  }

  async stop(): Promise<void> {
    this.client.close();
    const ended = once(this.child, 'exit');
    if (this.child.kill('SIGTERM')) await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function writeFiles(plugins: string, { count, follows }: EtcdFiles): void {
  const meta = JSON.stringify({ data: { text: { config: follows } } });
  for (let n = 0; n < count; n += 1) {
    const folder = join(plugins, `d${n % 100}`);
    mkdirSync(folder, { recursive: true });
    const lines = "{% for n in (1..10) %}option-{{ n }} 'value {{ n }}'\n{% endfor %}";
    writeFileSync(join(folder, `file${n}.conf.liquid`), lines);
  }
  writeFileSync(join(plugins, 'following.liquid'), '{{ text | lines }}\n');
  writeFileSync(join(plugins, 'following.meta.json'), meta);
}

async function ready(child: ChildProcess): Promise<void> {
  const words: string[] = [];
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('etcd has no output');
  createInterface({ input: stderr }).on('line', (line) => words.push(line));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`etcd did not start: ${words.slice(-10).join('\n')}`);
  });
  ended.catch(() => undefined);
  await Promise.race([once(createInterface({ input: stdout }), 'line'), ended]);
  clearTimeout(timer);
}
